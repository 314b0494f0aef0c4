//! The values of the operands for a chunk of records: states as bits, numbers by record.

use super::super::definitions::{Definitions, ValueType};
use super::super::evaluate::{months, years};
use super::super::tree::{FieldId, ONE};
use super::super::value::ValueReader;
use super::field_cache::{CachedField, ReadNumber, ReadState};
use super::operands::{OperandKind, OperandSet, Operands};
use super::planes::{CHUNK, plane, positions};
use tongbao_register::batch::{Day, Record, TextColumn};
use tongbao_register::date::{DateNumber, days_of_number, number_of_days};
use tongbao_register::field::Field;
use tongbao_register::id_number::Holder;
use tongbao_register::text::trim;

/// Records that are read together, at most [`CHUNK`] of them.
#[derive(Clone, Copy)]
pub struct RecordChunk<'c, 'v> {
    /// What the records are read by.
    pub definitions: &'c Definitions,
    /// Reads values that are not known at sight.
    pub values: &'c ValueReader,
    /// At most [`CHUNK`].
    pub records: &'c [Record<'v>],
    /// Ages are taken on this day.
    pub cut_off: DateNumber,
}

/// States of one operand, one bit a record.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct OperandPlanes {
    pub missing: u64,
    pub invalid: u64,
    pub foreign: u64,
    /// Values that only the slower reading compares.
    pub open: u64,
}

/// What the operands are for the records of a chunk; room that is used for one chunk after another.
#[derive(Debug, Clone)]
pub(super) struct OperandColumns {
    pub states: Vec<OperandPlanes>,
    pub numbers: Vec<[i64; CHUNK]>,
    /// By operand; `None` where it is no field whose values are remembered.
    fields: Vec<Option<CachedField>>,
    /// Records of the chunk.
    pub count: usize,
}

impl OperandPlanes {
    pub(super) fn is_known(&self) -> u64 {
        !(self.missing | self.invalid | self.foreign)
    }

    fn add(&mut self, at: usize, state: ReadState) {
        self.missing |= u64::from(state == ReadState::Missing) << at;
        self.invalid |= u64::from(state == ReadState::Invalid) << at;
        self.foreign |= u64::from(state == ReadState::Foreign) << at;
    }
}

impl OperandColumns {
    pub(super) fn new(operands: &Operands, definitions: &Definitions) -> OperandColumns {
        let field = |kind: &OperandKind| match kind {
            OperandKind::Field(field, _) => Some(CachedField::new(&definitions.fields[field.index()])),
            _ => None,
        };
        OperandColumns {
            states: vec![OperandPlanes::default(); operands.kinds.len()],
            numbers: vec![[0; CHUNK]; operands.kinds.len()],
            fields: operands.kinds.iter().map(field).collect(),
            count: 0,
        }
    }

    /// The records for which `state` of one of the operands is set.
    pub(super) fn any(&self, mut operands: OperandSet, state: impl Fn(&OperandPlanes) -> u64) -> u64 {
        let mut records = 0;
        while operands != 0 {
            records |= state(&self.states[operands.trailing_zeros() as usize]);
            operands &= operands - 1;
        }
        records
    }

    /// Reads all operands of a chunk.
    pub(super) fn read(&mut self, operands: &Operands, chunk: &RecordChunk<'_, '_>) {
        self.count = chunk.records.len().min(CHUNK);
        for (at, kind) in operands.kinds.iter().enumerate() {
            match kind {
                OperandKind::Field(field, value_type) => {
                    self.field(at, (*field, *value_type), operands, chunk)
                }
                OperandKind::Unit => self.unit(at, operands.is_compared_text(at), chunk),
                OperandKind::RegisteredOn => self.registered_on(at, chunk),
                OperandKind::CutOff => self.numbers[at] = [i64::from(chunk.cut_off); CHUNK],
                OperandKind::Constant(number) => self.numbers[at] = [*number; CHUNK],
                OperandKind::Word(_) => {}
                OperandKind::BirthDate(of) => {
                    self.part(at, *of, |digits| Some(digits / 1_000 % 100_000_000));
                }
                OperandKind::Sex(of, [male, female]) => {
                    self.part(at, *of, |digits| Some(if digits % 2 == 1 { *male } else { *female }));
                }
                OperandKind::Division(of) => self.division(at, *of),
                OperandKind::FirstOf(sources) => self.first_of(at, sources),
                OperandKind::Age(of, on) => self.dates(at, [*of, *on], |of, on| Some(years(of, on))),
                OperandKind::Months(of, on) => self.dates(at, [*of, *on], |of, on| Some(months(of, on))),
                OperandKind::Days(from, to) => {
                    self.dates(at, [*from, *to], |from, to| Some(days_of_number(to)? - days_of_number(from)?))
                }
                OperandKind::Length(of) => self.length(at, *of, operands, chunk),
                OperandKind::Times(factor, of) => self.part(at, *of, |number| times(*factor, number)),
            }
        }
    }

    fn field(
        &mut self,
        at: usize,
        (field, value_type): (FieldId, ValueType),
        operands: &Operands,
        chunk: &RecordChunk<'_, '_>,
    ) {
        let Some(cached) = &mut self.fields[at] else { return };
        let RecordChunk { definitions, values, records, .. } = *chunk;
        let slowly = |cached: &CachedField, raw: &[u8], record: &Record<'_>| match cached.filled(raw) {
            None => ReadNumber { state: ReadState::Missing, number: 0 },
            Some(text) => {
                let document_type = record.value(TextColumn::DocumentType);
                ReadNumber::of(&values.read_filled(definitions, field, text, document_type))
            }
        };
        let is_paired = operands.is_paired(at);
        let mut out =
            FilledColumn { states: OperandPlanes::default(), numbers: &mut self.numbers[at], is_paired };
        let source = (records, TextColumn::Field(Field::at(field.index())));
        match value_type {
            ValueType::Text | ValueType::Place => out.fill(source, |raw, _| match cached.filled(raw) {
                Some(_) => ReadNumber::known(0),
                None => ReadNumber { state: ReadState::Missing, number: 0 },
            }),
            ValueType::Date => out.fill(source, |raw, record| match cached.plain_day(raw) {
                Some(day) => day,
                None => cached.remembered(raw, |cached| slowly(cached, raw, record)),
            }),
            ValueType::Number => out.fill(source, |raw, record| match cached.plain_number(raw) {
                Some(number) => number,
                None => cached.remembered(raw, |cached| slowly(cached, raw, record)),
            }),
            ValueType::Code(_) | ValueType::YesNo | ValueType::Formed => {
                out.fill(source, |raw, record| cached.remembered(raw, |cached| slowly(cached, raw, record)))
            }
            ValueType::CitizenId | ValueType::Uscc => {
                out.fill(source, |raw, record| slowly(cached, raw, record));
            }
        }
        let mut states = out.states;
        if operands.is_compared_text(at) {
            states.open |= self.no_text(states.is_known(), |at| source.0[at].value(source.1));
        }
        self.states[at] = states;
    }

    /// Of some records those whose bytes are no text.
    fn no_text<'v>(&self, of: u64, value: impl Fn(usize) -> Option<&'v [u8]>) -> u64 {
        let is_text =
            |at| value(at).is_none_or(|raw| raw.is_ascii() || std::str::from_utf8(trim(raw)).is_ok());
        plane(self.count, |at| of >> at & 1 == 1 && !is_text(at))
    }

    fn unit(&mut self, at: usize, is_compared: bool, chunk: &RecordChunk<'_, '_>) {
        let unit = |at: usize| chunk.records[at].value(TextColumn::Unit);
        let missing = plane(self.count, |at| unit(at).is_none_or(|unit| trim(unit).is_empty()));
        let open = if is_compared { self.no_text(!missing, unit) } else { 0 };
        self.states[at] = OperandPlanes { missing, open, ..OperandPlanes::default() };
    }

    fn registered_on(&mut self, at: usize, chunk: &RecordChunk<'_, '_>) {
        let mut states = OperandPlanes::default();
        // Neighbours often have the same day.
        let mut last = (Day::Missing, ReadNumber { state: ReadState::Missing, number: 0 });
        for (i, (record, number)) in chunk.records.iter().zip(&mut self.numbers[at]).enumerate() {
            if record.day != last.0 {
                let day = match record.day {
                    Day::Known(day) => number_of_days(day).map(|day| ReadNumber::known(i64::from(day))),
                    Day::Missing => Some(ReadNumber { state: ReadState::Missing, number: 0 }),
                    Day::Invalid => None,
                };
                last = (record.day, day.unwrap_or(ReadNumber { state: ReadState::Invalid, number: 0 }));
            }
            states.add(i, last.1.state);
            *number = last.1.number;
        }
        self.states[at] = states;
    }

    /// What is made of one operand; a value of which nothing can be made is invalid.
    fn part(&mut self, at: usize, of: usize, value: impl Fn(i64) -> Option<i64>) {
        self.states[at] = self.states[of];
        let known = self.states[of].is_known();
        for i in 0..self.count {
            match value(self.numbers[of][i]) {
                Some(number) => self.numbers[at][i] = number,
                None => self.states[at].invalid |= known & 1 << i,
            }
        }
    }

    fn division(&mut self, at: usize, of: usize) {
        self.part(at, of, |digits| Some(digits / 100_000_000_000));
        let (known, numbers) = (self.states[of].is_known(), &self.numbers[at]);
        let foreign = plane(self.count, |i| Holder::of_division(numbers[i] as u32) != Holder::Citizen);
        self.states[at].foreign |= known & foreign;
    }

    fn first_of(&mut self, at: usize, sources: &[usize]) {
        let mut states = OperandPlanes { missing: u64::MAX, ..OperandPlanes::default() };
        for source in sources {
            let of = self.states[*source];
            // What was known before stays.
            let taken = of.is_known() & !states.is_known();
            for i in positions(taken) {
                self.numbers[at][i] = self.numbers[*source][i];
            }
            let unknown = !states.is_known() & !taken;
            states.open |= of.open;
            states.invalid = (states.invalid | of.invalid) & unknown;
            states.foreign = (states.foreign | of.foreign) & unknown;
            states.missing &= unknown;
        }
        // Of several states the worse one: invalid, then foreign.
        states.foreign &= !states.invalid;
        states.missing &= !(states.invalid | states.foreign);
        self.states[at] = states;
    }

    /// A number from two dates; where one of them is not known, the worse of the two states.
    fn dates(
        &mut self,
        at: usize,
        [one, other]: [usize; 2],
        of: impl Fn(DateNumber, DateNumber) -> Option<i64>,
    ) {
        let (a, b) = (self.states[one], self.states[other]);
        let foreign = a.foreign | b.foreign;
        let mut invalid = (a.invalid | b.invalid) & !foreign;
        let missing = (a.missing | b.missing) & !foreign & !invalid;
        let known = !(foreign | invalid | missing);
        for i in 0..self.count {
            let dates = (self.numbers[one][i] as DateNumber, self.numbers[other][i] as DateNumber);
            match of(dates.0, dates.1) {
                Some(number) => self.numbers[at][i] = number * ONE,
                None => invalid |= known & 1 << i,
            }
        }
        self.states[at] = OperandPlanes { missing, invalid, foreign, open: a.open | b.open };
    }

    fn length(&mut self, at: usize, of: usize, operands: &Operands, chunk: &RecordChunk<'_, '_>) {
        self.states[at] = self.states[of];
        let known = self.states[of].is_known();
        for (i, record) in chunk.records.iter().enumerate().filter(|(i, _)| known >> i & 1 == 1) {
            // Every character has one byte that continues none.
            let characters = operands.bytes(of, record).iter().filter(|byte| **byte & 0xC0 != 0x80).count();
            self.numbers[at][i] = characters as i64 * ONE;
        }
    }
}

/// A column of operands while its values are read.
struct FilledColumn<'n> {
    states: OperandPlanes,
    numbers: &'n mut [i64; CHUNK],
    is_paired: bool,
}

impl FilledColumn<'_> {
    fn fill<'v>(
        &mut self,
        (records, column): (&[Record<'v>], TextColumn),
        mut read: impl FnMut(&'v [u8], &Record<'v>) -> ReadNumber,
    ) {
        for (i, (record, number)) in records.iter().zip(&mut *self.numbers).enumerate() {
            let Some(raw) = record.value(column) else {
                self.states.missing |= 1 << i;
                continue;
            };
            let value = read(raw, record);
            *number = value.number;
            self.states.add(i, value.state);
            self.states.open |= u64::from(self.is_paired && value.state == ReadState::Unlisted) << i;
        }
    }
}

/// A factor in ten-thousandths times a number of them; `None` where the product is none of them.
fn times(factor: i64, number: i64) -> Option<i64> {
    if factor % ONE == 0 {
        return (factor / ONE).checked_mul(number);
    }
    let product = i128::from(factor) * i128::from(number);
    (product % i128::from(ONE) == 0).then(|| i64::try_from(product / i128::from(ONE)).ok()).flatten()
}
