//! What is written to stdout and stderr.

use std::io::{BufWriter, StdoutLock, Write};
use std::process::ExitCode;

use super::failure::CommandFailure;
use crate::harmless::harmless;

pub(super) fn print_json(value: &impl serde::Serialize) -> Result<ExitCode, CommandFailure> {
    print_json_by(|out| Ok(serde_json::to_writer_pretty(out, value)?))
}

/// Writes JSON that is made while it is written.
pub(super) fn print_json_by(
    write: impl FnOnce(&mut BufWriter<StdoutLock<'_>>) -> std::io::Result<()>,
) -> Result<ExitCode, CommandFailure> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    let written = write(&mut out);
    written.and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush()).map_err(CommandFailure::stdout)?;
    Ok(ExitCode::SUCCESS)
}

/// Writes to stdout. Texts may come from databases and mail servers: nothing in them reaches a terminal as a
/// command.
pub(super) fn print(text: &str) -> Result<(), CommandFailure> {
    print_raw(&harmless(text))
}

/// The same for a format that another program reads.
pub(super) fn print_raw(text: &str) -> Result<(), CommandFailure> {
    print_bytes(text.as_bytes()).map(|_| ())
}

pub(super) fn print_bytes(bytes: &[u8]) -> Result<ExitCode, CommandFailure> {
    let mut out = std::io::stdout().lock();
    out.write_all(bytes).and_then(|()| out.flush()).map_err(CommandFailure::stdout)?;
    Ok(ExitCode::SUCCESS)
}

/// Writes a line to stderr. Where nobody can read it, the work goes on and the exit code tells.
pub(super) fn complain(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
