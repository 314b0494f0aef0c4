//! The office's own fields and relations: what a record says of them, in one number.

use std::sync::Arc;

use super::own_pattern::{APPLIES, FILLED, OwnPattern, PatternPlanes};
use super::set_relations::SetMember;
use tongbao_config::settings::Indicators;
use tongbao_register::batch::{Day, Record, RegisterBatch, TextColumn, days_since_epoch};
use tongbao_register::date::{DateNumber, from_number};
use tongbao_register::field::Field;
use tongbao_rule::definitions::{
    Definitions, Demand, FieldDefinition, MOST_OWN_FIELDS, MOST_OWN_RELATIONS, PRESET_FIELDS,
};
use tongbao_rule::evaluate::RecordView;
use tongbao_rule::evaluate::{RelationOutcome, Truth};
use tongbao_rule::kernel::{CHUNK, KernelValues, RecordChunk, RelationKernel, first, positions};
use tongbao_rule::sets::SetPart;
use tongbao_rule::tree::FieldId;
use tongbao_rule::value::{FieldValue, RecordFrame, ValueReader};

/// Positions of the own fields that are counted and of the own relations in use.
pub fn own_in_use(indicators: &Indicators) -> (Vec<u8>, Vec<u8>) {
    let own = |field| match field {
        Field::Own(at) => Some(at),
        _ => None,
    };
    (indicators.counted_fields().into_iter().filter_map(own).collect(), indicators.own_relations().collect())
}

/// Reads records under the own definitions in use.
#[derive(Debug, Clone)]
pub struct OwnReader {
    definitions: Arc<Definitions>,
    values: ValueReader,
    kernel: RelationKernel,
    found: KernelValues,
    /// Fields that anything in use reads, one bit each.
    read: u64,
    required: Vec<u8>,
    relations: Vec<u8>,
    /// Fields that each own field and each own relation reads, one bit each.
    read_by: ReadBy,
    cut_off: DateNumber,
}

impl OwnReader {
    /// Ages are taken on `cut_off`. `None` where no own definition is in use.
    pub fn new(indicators: &Indicators, cut_off: DateNumber) -> Option<OwnReader> {
        indicators.has_own().then(|| {
            let (required, relations) = own_in_use(indicators);
            let definitions = indicators.definitions.clone();
            let fields = required.iter().map(|own| field_id(*own));
            let own = relations.iter().map(|own| &definitions.own_relations()[usize::from(*own)]);
            let kernel = RelationKernel::new(&definitions, fields, own);
            OwnReader {
                found: kernel.values(&definitions),
                kernel,
                values: ValueReader::new(indicators.time_zone.clone()),
                read: indicators.read_by_own(),
                read_by: ReadBy::of(&definitions),
                definitions,
                required,
                relations,
                cut_off,
            }
        })
    }

    fn is_due(&self, day: Day) -> bool {
        match (day, from_number(self.cut_off)) {
            (Day::Known(day), Some(cut_off)) => day <= days_since_epoch(cut_off),
            _ => true,
        }
    }

    /// What a record counts for, apart from relations over several records.
    pub fn pattern(&mut self, record: &Record<'_>) -> OwnPattern {
        self.read(record, &mut Vec::new())
    }

    /// What a record counts for; `members` gets what it is to relations over several records, whose outcome is then
    /// open. Records of days after the cut-off, which no figure counts, take no part in them.
    pub fn read(&mut self, record: &Record<'_>, members: &mut Vec<SetMember>) -> OwnPattern {
        let patterns =
            self.read_chunk(std::slice::from_ref(record), 1, &mut |_, member| members.push(member));
        patterns[0]
    }

    /// The same of up to [`CHUNK`] records, by their positions; those without a bit in `counted` count for nothing.
    /// `member` gets the position of a record and what it is to a relation over several.
    pub fn read_chunk(
        &mut self,
        records: &[Record<'_>],
        counted: u64,
        member: &mut dyn FnMut(usize, SetMember),
    ) -> [OwnPattern; CHUNK] {
        let OwnReader { definitions, values, kernel, found, cut_off, .. } = self;
        kernel.read(&RecordChunk { definitions, values, records, cut_off: *cut_off }, found);
        let (mut planes, mut open) = (PatternPlanes::new(), OpenPlanes::default());
        for (at, own) in self.required.iter().enumerate() {
            let field = self.kernel.field(at, &self.found);
            planes.set_field(*own, field.filled & !field.open, field.applies & !field.open);
            open.fields[usize::from(*own)] = field.open;
            open.any |= field.open;
        }
        for (at, own) in self.relations.iter().enumerate() {
            let outcomes = self.kernel.outcomes(at, &self.found);
            planes.set_relation(*own, outcomes);
            open.relations[usize::from(*own)] = outcomes.open;
            open.any |= outcomes.open;
        }
        let mut patterns = planes.patterns(counted);
        for at in positions(open.any & counted & first(records.len())) {
            let pattern =
                self.open_pattern(&open.of(at), &records[at], &mut |of_record| member(at, of_record));
            patterns[at] = patterns[at] | pattern;
        }
        patterns
    }

    /// What a record counts for by the fields and relations that the kernel leaves open.
    fn open_pattern(
        &self,
        open: &OpenQuestions,
        record: &Record<'_>,
        member: &mut dyn FnMut(SetMember),
    ) -> OwnPattern {
        let values = self.read_values(record, self.read_by.questions(open));
        let view = RecordView { definitions: &self.definitions, values: &values, frame: self.frame(record) };
        let mut pattern = OwnPattern::default();
        for own in self.required.iter().filter(|own| open.fields >> **own & 1 == 1) {
            let field = field_id(*own);
            pattern = pattern.with_field(*own, field_bits(&view, field));
        }
        for own in self.relations.iter().filter(|own| open.relations >> **own & 1 == 1) {
            let relation = &self.definitions.own_relations()[usize::from(*own)];
            let outcome = match view.set_part(relation) {
                None => view.outcome(relation),
                Some(SetPart::Decided(outcome)) => outcome,
                Some(SetPart::Member { key, is_counted }) => {
                    if self.is_due(record.day) {
                        member(SetMember { relation: *own, is_counted, key });
                    }
                    RelationOutcome::NotApplicable
                }
            };
            pattern = pattern.with(*own, outcome);
        }
        pattern
    }

    /// What the records of a batch count for, apart from relations over several records.
    pub fn patterns(&mut self, batch: &RegisterBatch) -> Vec<OwnPattern> {
        let records: Vec<Record<'_>> = batch.records().collect();
        let chunks = records.chunks(CHUNK);
        chunks
            .flat_map(|chunk| self.read_chunk(chunk, u64::MAX, &mut |_, _| ()).into_iter().take(chunk.len()))
            .collect()
    }

    /// The same by the definitions alone, which say what the kernel has to come to.
    pub fn pattern_by_definition(&self, record: &Record<'_>) -> OwnPattern {
        let values = self.read_values(record, self.read);
        let view = RecordView { definitions: &self.definitions, values: &values, frame: self.frame(record) };
        let with_field =
            |pattern: OwnPattern, own: &u8| pattern.with_field(*own, field_bits(&view, field_id(*own)));
        let fields = self.required.iter().fold(OwnPattern::default(), with_field);
        let relations =
            self.relations.iter().map(|own| (own, &self.definitions.own_relations()[usize::from(*own)]));
        relations
            .filter(|(_, relation)| !relation.is_of_sets())
            .fold(fields, |pattern, (own, relation)| pattern.with(*own, view.outcome(relation)))
    }

    fn frame<'a>(&self, record: &Record<'a>) -> RecordFrame<'a> {
        let unit = record.value(TextColumn::Unit);
        RecordFrame { unit, registered_on: record.day, cut_off: self.cut_off }
    }

    /// What an entry of a list is to the relations in use that look values up there.
    pub fn entry(&self, list: &str, entry: Option<&[u8]>) -> Vec<SetMember> {
        let (definitions, own) = (&*self.definitions, self.definitions.own_relations());
        let member = |at: &u8| {
            let relation = &own[usize::from(*at)];
            let Demand::Listed { list: of, .. } = &relation.demand else { return None };
            let key = match definitions.references[*of].key == list {
                true => relation.entry_key(definitions, &self.values, entry)?,
                false => return None,
            };
            Some(SetMember { relation: *at, is_counted: Truth::True, key })
        };
        self.relations.iter().filter_map(member).collect()
    }

    /// The values of some fields, one bit each; the others are missing.
    fn read_values<'a>(&self, record: &Record<'a>, of: u64) -> Vec<FieldValue<'a>> {
        let document_type = record.value(TextColumn::DocumentType);
        let value = |at: usize| match of >> at & 1 {
            1 => {
                let raw = record.value(TextColumn::Field(Field::at(at)));
                self.values.read(&self.definitions, FieldId(at as u8), raw, document_type)
            }
            _ => FieldValue::Missing,
        };
        (0..self.definitions.fields.len()).map(value).collect()
    }
}

/// What the kernel leaves open in a chunk, one bit a record, by the positions of own fields and relations.
struct OpenPlanes {
    fields: [u64; MOST_OWN_FIELDS],
    relations: [u64; MOST_OWN_RELATIONS],
    any: u64,
}

/// The own fields and relations that are open for one record, one bit each.
struct OpenQuestions {
    fields: u64,
    relations: u64,
}

/// Fields that own definitions read, one bit each.
#[derive(Debug, Clone)]
struct ReadBy {
    fields: Vec<u64>,
    relations: Vec<u64>,
}

impl ReadBy {
    fn of(definitions: &Definitions) -> ReadBy {
        let fields = definitions.own_fields().iter().enumerate();
        let field = |(at, field): (usize, &FieldDefinition)| {
            field_id(at as u8).bit() | definitions.read_by(&field.applies)
        };
        let relations = definitions.own_relations().iter();
        let relation = |relation| definitions.read_by_relations(std::iter::once(relation));
        ReadBy { fields: fields.map(field).collect(), relations: relations.map(relation).collect() }
    }

    /// What open questions read.
    fn questions(&self, open: &OpenQuestions) -> u64 {
        let of = |reads: &[u64], bits: u64| {
            reads
                .iter()
                .enumerate()
                .filter(|(at, _)| bits >> at & 1 == 1)
                .fold(0, |all, (_, read)| all | read)
        };
        of(&self.fields, open.fields) | of(&self.relations, open.relations)
    }
}

impl Default for OpenPlanes {
    fn default() -> OpenPlanes {
        OpenPlanes { fields: [0; MOST_OWN_FIELDS], relations: [0; MOST_OWN_RELATIONS], any: 0 }
    }
}

impl OpenPlanes {
    fn of(&self, record: usize) -> OpenQuestions {
        let bits = |planes: &[u64]| {
            planes.iter().enumerate().fold(0, |bits, (at, plane)| bits | (plane >> record & 1) << at)
        };
        OpenQuestions { fields: bits(&self.fields), relations: bits(&self.relations) }
    }
}

/// What a pattern says of a field of a record.
fn field_bits(view: &RecordView<'_>, field: FieldId) -> u64 {
    let is_filled = view.values[field.index()] != FieldValue::Missing;
    let bit = |is_set: bool, bit: u64| if is_set { bit } else { 0 };
    bit(is_filled, FILLED) | bit(view.applies(field), APPLIES)
}

fn field_id(own: u8) -> FieldId {
    FieldId(PRESET_FIELDS as u8 + own)
}
