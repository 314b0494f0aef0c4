//! The office's own fields and relations: what a record says of them, in one number.

use std::sync::Arc;

use super::own_pattern::{BLANK, INVALID, KNOWN, OwnPattern, PatternPlanes};
use super::set_relations::SetMember;
use tongbao_config::settings::Indicators;
use tongbao_register::batch::{Day, Record, RegisterBatch, TextColumn, days_since_epoch};
use tongbao_register::date::{DateNumber, from_number};
use tongbao_register::day_reader::day_shape;
use tongbao_register::field::Field;
use tongbao_register::text::{lossy, shape, trim};
use tongbao_rule::definitions::{
    Definitions, Demand, FieldDefinition, MOST_OWN_FIELDS, MOST_OWN_RELATIONS, PRESET_FIELDS, ValueType,
};
use tongbao_rule::evaluate::RecordView;
use tongbao_rule::evaluate::{RelationOutcome, Truth};
use tongbao_rule::kernel::{CHUNK, KernelValues, RecordChunk, RelationKernel, first, positions};
use tongbao_rule::sets::SetPart;
use tongbao_rule::tree::FieldId;
use tongbao_rule::value::{FieldValue, RecordFrame, ValueReader};

/// The own definitions in use, by their positions.
#[derive(Debug, Clone, Default)]
pub struct OwnInUse {
    /// Fields that are counted.
    pub counted: Vec<u8>,
    /// Fields that are read alone, and may have values that are none of their type.
    pub watched: Vec<u8>,
    /// Relations.
    pub relations: Vec<u8>,
}

impl OwnInUse {
    /// Those of these settings.
    pub fn of(indicators: &Indicators) -> OwnInUse {
        let own = |field| match field {
            Field::Own(at) => Some(at),
            _ => None,
        };
        let counted: Vec<u8> = indicators.counted_fields().into_iter().filter_map(own).collect();
        let (definitions, read) = (&indicators.definitions, indicators.read_by_own());
        let fields = (0..).zip(definitions.own_fields());
        let watched = fields.filter(|(at, field)| {
            field_id(*at).bit() & read != 0
                && !counted.contains(at)
                && field.may_be_invalid(&definitions.lists)
        });
        let watched = watched.map(|(at, _)| at).collect();
        OwnInUse { counted, watched, relations: indicators.own_relations().collect() }
    }

    /// The fields, those that are counted first.
    pub fn fields(&self) -> impl Iterator<Item = u8> {
        self.counted.iter().chain(&self.watched).copied()
    }
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
    in_use: OwnInUse,
    /// Fields that each own field and each own relation reads, one bit each.
    read_by: ReadBy,
    cut_off: DateNumber,
}

impl OwnReader {
    /// Ages are taken on `cut_off`. `None` where no own definition is in use.
    pub fn new(indicators: &Indicators, cut_off: DateNumber) -> Option<OwnReader> {
        indicators.has_own().then(|| {
            let in_use = OwnInUse::of(indicators);
            let definitions = indicators.definitions.clone();
            let fields = in_use.fields().map(field_id);
            let own = in_use.relations.iter().map(|own| &definitions.own_relations()[usize::from(*own)]);
            let kernel = RelationKernel::new(&definitions, fields, own);
            OwnReader {
                found: kernel.values(&definitions),
                kernel,
                values: ValueReader::new(indicators.time_zone.clone()),
                read: indicators.read_by_own(),
                read_by: ReadBy::of(&definitions),
                definitions,
                in_use,
                cut_off,
            }
        })
    }

    /// How the value of an own field looks, without saying what it is.
    pub fn shape(&self, own: u8, record: &Record<'_>) -> String {
        let value = record.value(TextColumn::Field(Field::Own(own))).unwrap_or_default();
        match self.definitions.own_fields().get(usize::from(own)).map(|field| field.value_type) {
            Some(ValueType::Date) => day_shape(value),
            _ => shape(&lossy(trim(value)), ""),
        }
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
        for (at, own) in self.in_use.fields().enumerate() {
            let field = self.kernel.field(at, &self.found);
            match at < self.in_use.counted.len() {
                true => planes.set_field(own, field),
                false => planes.set_invalid(own, field),
            }
            open.fields[usize::from(own)] = field.open;
            open.any |= field.open;
        }
        for (at, own) in self.in_use.relations.iter().enumerate() {
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
        for own in self.in_use.fields().filter(|own| open.fields >> own & 1 == 1) {
            pattern = pattern.with_field(own, self.field_bits(&view, own));
        }
        for own in self.in_use.relations.iter().filter(|own| open.relations >> **own & 1 == 1) {
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
        let with_field = |pattern: OwnPattern, own: u8| pattern.with_field(own, self.field_bits(&view, own));
        let fields = self.in_use.fields().fold(OwnPattern::default(), with_field);
        let relations = self
            .in_use
            .relations
            .iter()
            .map(|own| (own, &self.definitions.own_relations()[usize::from(*own)]));
        relations
            .filter(|(_, relation)| !relation.is_of_sets())
            .fold(fields, |pattern, (own, relation)| pattern.with(*own, view.outcome(relation)))
    }

    /// What a pattern says of a field of a record.
    fn field_bits(&self, view: &RecordView<'_>, own: u8) -> u64 {
        let field = field_id(own);
        match (&view.values[field.index()], view.applies(field)) {
            (_, false) => 0,
            (FieldValue::Invalid, true) => INVALID,
            (_, true) if !self.in_use.counted.contains(&own) => 0,
            (FieldValue::Missing, true) => BLANK,
            (_, true) => KNOWN,
        }
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
        self.in_use.relations.iter().filter_map(member).collect()
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

fn field_id(own: u8) -> FieldId {
    FieldId(PRESET_FIELDS as u8 + own)
}
