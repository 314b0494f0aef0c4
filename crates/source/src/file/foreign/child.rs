//! The process that reads: it has its file on stdin, tells the rows on stdout, and can reach nothing else.

use std::io::{BufWriter, Read, Stdout};
use std::process::ExitCode;

use nix::sys::resource::{Resource, setrlimit};

use super::super::containment::contradiction;
use super::frame::FrameWriter;
use super::kind::Kind;
use super::{books, dbf, html, open_document, xml_spreadsheet};

/// Most memory and seconds of a processor that a file may take.
const MEMORY: u64 = 2 << 30;
const SECONDS: u64 = 120;
/// What a file is called that takes more.
pub(crate) const TOO_LARGE: &str = "reading it takes more than 2 GiB of memory";
pub(crate) const TOO_LONG: &str = "reading it takes too long";

/// Where rows go.
pub(crate) type Out = FrameWriter<BufWriter<Stdout>>;

/// What ends a reading: words for the parent, or an output that nobody takes.
pub(crate) enum Stop {
    Reason(String),
    Closed,
}

impl From<std::io::Error> for Stop {
    fn from(_: std::io::Error) -> Stop {
        Stop::Closed
    }
}

impl Stop {
    /// A file that contradicts itself; what it says is not quoted.
    pub(crate) fn contradiction() -> Stop {
        Stop::Reason(contradiction().to_string())
    }
}

/// Reads stdin as the kind of file and for so many seconds as the arguments say.
pub fn main(mut arguments: impl Iterator<Item = String>) -> ExitCode {
    let kind = arguments.next().and_then(|key| Kind::parse(&key));
    let seconds = arguments.next().and_then(|text| text.parse::<u64>().ok());
    let (Some(kind), Some(seconds)) = (kind, seconds) else { return ExitCode::from(2) };
    if confine(seconds.min(SECONDS)).is_err() {
        return ExitCode::from(1);
    }
    // What panics may quote the file.
    std::panic::set_hook(Box::new(|_| {}));
    let mut out = FrameWriter(BufWriter::new(std::io::stdout()));
    let reported = match read(kind, &mut out) {
        Ok(()) => Ok(()),
        Err(Stop::Reason(reason)) => out.failure(&reason),
        Err(Stop::Closed) => return ExitCode::from(1),
    };
    match reported.and_then(|()| out.flush()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(1),
    }
}

/// Sets the limits. No further file can be opened or written, and no socket: nothing of the machine or
/// the network can be reached.
fn confine(seconds: u64) -> nix::Result<()> {
    let limit = |resource, most| setrlimit(resource, most, most);
    limit(Resource::RLIMIT_AS, MEMORY)?;
    limit(Resource::RLIMIT_CPU, seconds)?;
    limit(Resource::RLIMIT_FSIZE, 0)?;
    limit(Resource::RLIMIT_CORE, 0)?;
    limit(Resource::RLIMIT_NOFILE, 3)
}

fn read(kind: Kind, out: &mut Out) -> Result<(), Stop> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes)?;
    match kind {
        Kind::Excel97 => books::excel97(bytes, out),
        Kind::Binary => books::binary(bytes, out),
        Kind::OpenDocument => open_document::read(&bytes, out),
        Kind::WebPage => html::read(&bytes, out),
        Kind::XmlSpreadsheet => xml_spreadsheet::read(&bytes, out),
        Kind::Dbase => dbf::read(&bytes, out),
    }
}
