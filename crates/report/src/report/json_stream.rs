//! The JSON of a run with many units, which would fill the memory as one text: written a part of the units at a time, while
//! all cores make the next ones.

use std::io::{Error, Result, Write, sink};
use std::num::NonZeroUsize;
use std::sync::mpsc::sync_channel;
use std::thread;

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{Formatter, PrettyFormatter};

use super::json::{FiguresJson, UNITS, UnitsJson};
use tongbao_config::settings::Indicators;
use tongbao_figures::ranking::results::Results;
use tongbao_figures::ranking::unit_result::UnitResult;

/// Units that are written at a time: about 200 kB.
const PART: usize = 64;
/// How a list ends that is not empty.
const END: &[u8] = b"\n  ]";

/// Writes what [`super::json::figures`] returns, and the definitions in use, in the form of [`serde_json::to_writer_pretty`].
pub fn write(out: &mut impl Write, results: &Results, indicators: &Indicators) -> Result<()> {
    let frame =
        serde_json::to_vec_pretty(&FiguresJson { results, units: &[], indicators, has_definitions: true })?;
    // The end of the empty list is where the units belong. Keys of the object itself alone are indented as far as this one,
    // and no text holds a line break.
    let head = format!("\n  \"{UNITS}\": [");
    let at = frame.windows(head.len()).position(|part| part == head.as_bytes());
    let (head, tail) = frame.split_at(at.map_or(frame.len(), |at| at + head.len()));
    out.write_all(head)?;
    write_units(out, results, indicators)?;
    out.write_all(tail)
}

fn write_units(out: &mut impl Write, results: &Results, indicators: &Indicators) -> Result<()> {
    let parts: Vec<&[UnitResult]> = results.units.chunks(PART).collect();
    let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get).min(parts.len());
    thread::scope(|scope| {
        let (mut receivers, parts) = (Vec::new(), &parts);
        for first in 0..cores {
            let (sender, receiver) = sync_channel(1);
            receivers.push(receiver);
            scope.spawn(move || {
                // Nobody takes any more where writing has failed.
                let mut own = parts.iter().skip(first).step_by(cores);
                own.try_for_each(|units| {
                    sender.send(list(FiguresJson { results, units, indicators, has_definitions: false })).ok()
                })
            });
        }
        for (at, receiver) in (0..parts.len()).zip(receivers.iter().cycle()) {
            let part = receiver.recv().map_err(Error::other)??;
            out.write_all(if at == 0 { b"" } else { b"," })?;
            out.write_all(&part)?;
        }
        // The frame has the bracket.
        out.write_all(if parts.is_empty() { b"" } else { &END[..END.len() - 1] })
    })
}

/// The units of a part as they stand in the object, without the brackets of the list.
fn list(part: FiguresJson<'_>) -> Result<Vec<u8>> {
    let mut formatter = PrettyFormatter::new();
    // As deep as the list stands.
    formatter.begin_object(&mut sink())?;
    let mut text = Vec::with_capacity(PART << 12);
    UnitsJson(part).serialize(&mut Serializer::with_formatter(&mut text, formatter))?;
    text.truncate(text.len() - END.len());
    text.remove(0);
    Ok(text)
}
