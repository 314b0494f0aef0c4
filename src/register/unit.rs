//! Units: the villages, communities and departments that answer for their part of the register.

use std::collections::HashMap;

/// A unit with its stable code. `kind` is free text of the office's own (村, 社区, 部门).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    pub code: String,
    pub name: String,
    pub kind: String,
    pub parent: Option<String>,
}

/// All units of a campaign, in the order of their codes.
#[derive(Debug, Clone, Default)]
pub struct Units {
    list: Vec<Unit>,
    index: HashMap<String, u32>,
}

impl Units {
    /// Orders the units by code. Returns the code that occurs twice, if one does.
    pub fn new(mut list: Vec<Unit>) -> Result<Units, String> {
        list.sort_by(|a, b| a.code.cmp(&b.code));
        if let Some(pair) = list.windows(2).find(|pair| pair[0].code == pair[1].code) {
            return Err(pair[0].code.clone());
        }
        let index = list.iter().enumerate().map(|(i, unit)| (unit.code.clone(), i as u32)).collect();
        Ok(Units { list, index })
    }

    /// The position of the unit with this code (surrounding blanks ignored).
    pub fn position(&self, code: &str) -> Option<u32> {
        self.index.get(code.trim()).copied()
    }

    pub fn list(&self) -> &[Unit] {
        &self.list
    }

    pub fn len(&self) -> usize {
        self.list.len()
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}
