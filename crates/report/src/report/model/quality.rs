//! What rosters and records lack.

use serde::Serialize;

/// A roster and the register: distinct persons by ID number.
#[derive(Debug, Clone, Serialize)]
pub struct RosterModel {
    /// As in the configuration; `union` for all together.
    pub name: String,
    /// As it is printed, and as it stands behind `reconciliation`.
    pub label: String,
    /// Persons in the roster.
    pub listed: u64,
    /// Those of them who are in the register.
    pub both: u64,
    /// Those of them who are not.
    pub only_roster: u64,
    /// Persons of the register who are not in the roster.
    pub only_register: u64,
    /// both / listed in percent.
    pub rate: String,
}

/// What is wrong with records and rosters, in counts.
#[derive(Debug, Clone, Serialize)]
pub struct QualityModel {
    /// What was found, each in a clause of its own; empty where nothing was.
    pub found: Vec<String>,
    /// Further records with an ID number that is in the register already.
    pub duplicates: u64,
    /// Records whose unit the list does not have.
    pub unknown_unit_records: u64,
    /// Roster persons who are registered under another unit.
    pub matched_elsewhere: u64,
    /// Records without an ID number.
    pub without_id: u64,
    /// Records with a malformed ID number.
    pub invalid_id_numbers: u64,
    /// Records whose birth date cannot be read.
    pub invalid_birth_dates: u64,
    /// Records whose registration time cannot be read.
    pub invalid_registered_at: u64,
    /// Roster entries without an ID number.
    pub roster_without_id: u64,
    /// Roster entries whose ID number is damaged or none.
    pub roster_wrong_ids: u64,
    /// Further roster entries with the same ID number.
    pub roster_duplicates: u64,
    /// Roster persons whose unit the list does not have.
    pub roster_unknown_unit: u64,
}
