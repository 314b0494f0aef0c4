//! A template renders within limits: a loop without end stops the run with an error, not the machine.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use tera::{Context, Tera};

use super::{TemplateError, tera_error};

/// The most a template may write, and how long it may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct TemplateLimits {
    pub bytes: usize,
    pub time: Duration,
}

impl Default for TemplateLimits {
    /// A thousand times what the built-in templates need for 37 units.
    fn default() -> TemplateLimits {
        TemplateLimits { bytes: 16 << 20, time: Duration::from_secs(10) }
    }
}

/// Takes so many bytes, until an instant, and then nothing more.
struct Capped {
    text: Vec<u8>,
    bytes: usize,
    until: Instant,
}

impl Write for Capped {
    fn write(&mut self, part: &[u8]) -> io::Result<usize> {
        if self.text.len() + part.len() > self.bytes {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        if Instant::now() > self.until {
            return Err(io::ErrorKind::TimedOut.into());
        }
        self.text.extend_from_slice(part);
        Ok(part.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Renders on a thread of its own. A template that neither ends nor writes cannot be interrupted: its
/// thread is left running, and the caller goes on with the error.
pub(super) fn render(
    tera: &Arc<Tera>,
    name: &str,
    context: &Context,
    limits: TemplateLimits,
) -> Result<String, TemplateError> {
    let (sender, receiver) = channel();
    let (own_tera, own_name, own_context) = (Arc::clone(tera), name.to_owned(), context.clone());
    std::thread::spawn(move || {
        let until = Instant::now() + limits.time;
        let mut out = Capped { text: Vec::new(), bytes: limits.bytes, until };
        let result = own_tera.render_to(&own_name, &own_context, &mut out);
        // Nobody listens any more when the deadline has passed.
        let _ = sender.send(result.map(|()| out.text));
    });
    let too_long = || TemplateError::TooLong { file: name.to_owned(), seconds: limits.time.as_secs_f32() };
    let result = match receiver.recv_timeout(limits.time + Duration::from_millis(100)) {
        Ok(result) => result,
        Err(RecvTimeoutError::Timeout) => return Err(too_long()),
        Err(RecvTimeoutError::Disconnected) => return Err(TemplateError::Panicked(name.to_owned())),
    };
    let text = result.map_err(|error| match error.kind() {
        tera::ErrorKind::Io(io::ErrorKind::TimedOut) => too_long(),
        tera::ErrorKind::Io(io::ErrorKind::FileTooLarge) => {
            TemplateError::TooLarge { file: name.to_owned(), mebibytes: limits.bytes >> 20 }
        }
        _ => tera_error(error),
    })?;
    String::from_utf8(text).map_err(|_| TemplateError::Panicked(name.to_owned()))
}
