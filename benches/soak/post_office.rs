//! A mail server whose manners change, and the true record of what it has taken.
//!
//! What it says is written byte by byte: texts in GBK, bare codes, ends of lines without CR, lines without end,
//! answers that come a byte at a time, half or not at all, refusals and closed connections at every step, and plain
//! text after STARTTLS.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::certificates::Certificate;

/// Where in a conversation something happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Greeting,
    Ehlo,
    StartTls,
    Mail,
    Rcpt,
    Data,
    /// In the midst of the text.
    Text,
    /// The final dot.
    Dot,
}

/// The first happens only to a server with TLS.
const STEPS: [Step; 8] =
    [Step::StartTls, Step::Greeting, Step::Ehlo, Step::Mail, Step::Rcpt, Step::Data, Step::Text, Step::Dot];

/// How answers look, whatever they say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dress {
    Plain,
    Gbk,
    Bare,
    LineFeeds,
    OddDigits,
    LongLine,
    ManyLines,
    Controls,
    ByteByByte,
}

const DRESSES: [Dress; 9] = [
    Dress::Plain,
    Dress::Gbk,
    Dress::Bare,
    Dress::LineFeeds,
    Dress::OddDigits,
    Dress::LongLine,
    Dress::ManyLines,
    Dress::Controls,
    Dress::ByteByByte,
];

/// What it does at one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    Refuse(&'static str),
    /// Closes without an answer.
    Close,
    /// Says half of the answer and closes.
    Half,
    /// Says nothing, until the client has gone.
    Silence,
    /// A line that never ends.
    Endless,
    /// Answers, and says good-bye at once without being asked.
    Farewell,
    /// Answers something that is no SMTP.
    Nonsense,
    /// Adds plain text that the client would take for answers within TLS.
    Inject,
}

const REFUSALS: [&str; 14] = [
    "421 4.3.2 closing",
    "450 4.2.1 mailbox busy",
    "451 4.7.1 greylisted",
    "452 4.3.1 no room",
    "454 4.7.0 not now",
    "500 5.5.1 what?",
    "504 5.5.2 helo refused",
    "550 5.1.1 no such mailbox",
    "550 no such user",
    "550 5.7.60 may not send as this sender",
    "552 5.3.4 too big",
    "553 5.7.1 sender refused",
    "554 5.7.1 policy",
    "599 odd",
];

/// How it behaves for some hours.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manners {
    pub(crate) dress: Dress,
    /// What happens at which step; `None` serves everybody.
    pub(crate) act: Option<(Step, Act)>,
    /// Only to mails of this recipient, from RCPT on.
    pub(crate) only: Option<usize>,
    /// Every so many times; the others are served.
    pub(crate) every: u32,
    /// Whether a mail whose answer is lost has been taken.
    pub(crate) takes: bool,
}

impl Manners {
    pub(crate) const POLITE: Manners =
        Manners { dress: Dress::Plain, act: None, only: None, every: 1, takes: false };

    pub(crate) fn draw(rng: &mut fastrand::Rng, recipients: usize, has_tls: bool) -> Manners {
        let dress = DRESSES[rng.usize(0..DRESSES.len())];
        let steps = if has_tls { STEPS.as_slice() } else { &STEPS[1..] };
        let step = steps[rng.usize(0..steps.len())];
        let act = match rng.u8(0..if has_tls { 13 } else { 11 }) {
            0 => None,
            1..=4 => Some((step, Act::Refuse(REFUSALS[rng.usize(0..REFUSALS.len())]))),
            5 => Some((step, Act::Close)),
            6 => Some((step, Act::Half)),
            7 => Some((step, Act::Silence)),
            8 => Some((step, Act::Endless)),
            9 => Some((step, Act::Farewell)),
            10 => Some((step, Act::Nonsense)),
            _ => Some((Step::StartTls, Act::Inject)),
        };
        let is_late = act.is_some_and(|(step, _)| matches!(step, Step::Rcpt | Step::Data | Step::Dot));
        Manners {
            dress,
            act,
            only: (is_late && rng.bool()).then(|| rng.usize(0..recipients)),
            every: if rng.bool() { 1 } else { rng.u32(2..5) },
            takes: rng.bool(),
        }
    }

    pub(crate) fn name(&self) -> String {
        match self.act {
            None => format!("mail server {:?}", self.dress),
            Some((step, Act::Refuse(text))) => format!("mail server refuses {}xx at {step:?}", &text[..1]),
            Some((step, act)) => format!("mail server {act:?} at {step:?}"),
        }
    }
}

/// A mail that the server has taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) message_id: String,
    /// The client was given the whole answer that says so.
    pub(crate) said: bool,
    /// The server has said so in the midst of the text, and has but a part: the client may believe it or send again.
    pub(crate) is_part: bool,
}

#[derive(Debug)]
struct Shared {
    manners: Mutex<Manners>,
    /// Times that the act could have happened.
    occasions: Mutex<u32>,
    taken: Mutex<Vec<Taken>>,
    addresses: Vec<String>,
    tls: Option<Arc<ServerConfig>>,
}

/// The running server; it ends with the program.
#[derive(Debug)]
pub(crate) struct PostOffice {
    pub(crate) port: u16,
    shared: Arc<Shared>,
}

impl PostOffice {
    /// With a certificate it offers STARTTLS.
    pub(crate) fn open(addresses: &[&str], certificate: Option<&Certificate>) -> PostOffice {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            manners: Mutex::new(Manners::POLITE),
            occasions: Mutex::new(0),
            taken: Mutex::default(),
            addresses: addresses.iter().map(|address| (*address).to_owned()).collect(),
            tls: certificate.map(server_tls),
        });
        let office = PostOffice { port, shared: shared.clone() };
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = shared.clone();
                std::thread::spawn(move || {
                    let _ = stream.set_nodelay(true);
                    let _ = Conversation::new(&shared, Lines::new(Box::new(stream))).run();
                });
            }
        });
        office
    }

    pub(crate) fn behave(&self, manners: Manners) {
        *self.shared.manners.lock().unwrap() = manners;
    }

    pub(crate) fn taken(&self) -> Vec<Taken> {
        self.shared.taken.lock().unwrap().clone()
    }
}

fn server_tls(certificate: &Certificate) -> Arc<ServerConfig> {
    let chain = CertificateDer::pem_slice_iter(certificate.chain.as_bytes()).map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_slice(certificate.key.as_bytes()).unwrap();
    Arc::new(ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap())
}

trait ReadWrite: Read + Write + Send {}
impl<T: Read + Write + Send> ReadWrite for T {}

/// A connection that is read line by line.
struct Lines(BufReader<Box<dyn ReadWrite>>);

impl Lines {
    fn new(stream: Box<dyn ReadWrite>) -> Lines {
        Lines(BufReader::new(stream))
    }

    /// One line without its end; `None` at the end of the connection.
    fn line(&mut self) -> std::io::Result<Option<String>> {
        let mut bytes = Vec::new();
        let read = self.0.by_ref().take(100_000).read_until(b'\n', &mut bytes)?;
        Ok((read > 0).then(|| String::from_utf8_lossy(&bytes).trim_end_matches(['\r', '\n']).to_owned()))
    }

    fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.0.get_mut().write_all(bytes)?;
        self.0.get_mut().flush()
    }

    /// Reads until the client has gone.
    fn wait_for_end(&mut self) {
        while matches!(self.line(), Ok(Some(_))) {}
    }
}

/// Whether the conversation goes on after an answer.
#[derive(PartialEq, Eq)]
enum Then {
    Goes,
    Ends,
}

struct Conversation<'a> {
    shared: &'a Shared,
    lines: Lines,
    /// Which of the known addresses the mail is for.
    recipient: Option<usize>,
    is_encrypted: bool,
}

impl<'a> Conversation<'a> {
    fn new(shared: &'a Shared, lines: Lines) -> Conversation<'a> {
        Conversation { shared, lines, recipient: None, is_encrypted: false }
    }

    fn run(mut self) -> std::io::Result<()> {
        if self.answer(Step::Greeting, "220 mail.example.test ESMTP")? == Then::Ends {
            return Ok(());
        }
        self.talk()
    }

    fn talk(mut self) -> std::io::Result<()> {
        while let Some(line) = self.lines.line()? {
            let then = match line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase().as_str() {
                "EHLO" => self.hello()?,
                "HELO" => self.say("250 mail.example.test")?,
                "STARTTLS" => {
                    if self.answer(Step::StartTls, "220 go")? == Then::Ends {
                        return Ok(());
                    }
                    return self.encrypted();
                }
                "MAIL" => self.answer(Step::Mail, "250 ok")?,
                "RCPT" => {
                    let addresses = &self.shared.addresses;
                    self.recipient = addresses.iter().position(|address| line.contains(address.as_str()));
                    self.answer(Step::Rcpt, "250 ok")?
                }
                "DATA" => match self.answer(Step::Data, "354 go")? {
                    Then::Goes => self.text()?,
                    Then::Ends => Then::Ends,
                },
                "QUIT" => {
                    self.say("221 bye")?;
                    Then::Ends
                }
                _ => self.say("250 ok")?,
            };
            if then == Then::Ends {
                return Ok(());
            }
        }
        Ok(())
    }

    fn hello(&mut self) -> std::io::Result<Then> {
        let offers = if self.shared.tls.is_some() && !self.is_encrypted { "\nStartTLS" } else { "" };
        self.answer(Step::Ehlo, &format!("250 mail.example.test\n8bitmime{offers}\nAUTH=LOGIN plain"))
    }

    fn encrypted(self) -> std::io::Result<()> {
        let Some(tls) = &self.shared.tls else { return Ok(()) };
        let connection = ServerConnection::new(tls.clone()).map_err(std::io::Error::other)?;
        let stream = StreamOwned::new(connection, self.lines.0.into_inner());
        let lines = Lines::new(Box::new(stream));
        Conversation { shared: self.shared, lines, recipient: None, is_encrypted: true }.talk()
    }

    /// The text up to the final dot, and what becomes of it.
    fn text(&mut self) -> std::io::Result<Then> {
        let act = self.act(Step::Text);
        let (mut message_id, mut count) = (String::new(), 0);
        loop {
            let Some(line) = self.lines.line()? else { return Ok(Then::Ends) };
            count += 1;
            if let Some(act) = act
                && count >= 5
                && !message_id.is_empty()
            {
                if act == Act::Farewell {
                    let taken = Taken { message_id, said: true, is_part: true };
                    self.shared.taken.lock().unwrap().push(taken);
                }
                return self.perform(act, "250 ok");
            }
            if line == "." {
                break;
            }
            if let Some(id) = line.strip_prefix("Message-ID: ")
                && message_id.is_empty()
            {
                id.trim().clone_into(&mut message_id);
            }
        }
        self.take(message_id)
    }

    fn take(&mut self, message_id: String) -> std::io::Result<Then> {
        let (act, takes) = (self.act(Step::Dot), self.manners().takes);
        let is_taken = match act {
            None | Some(Act::Farewell | Act::Inject) => true,
            Some(Act::Refuse(_) | Act::Nonsense) => false,
            Some(Act::Close | Act::Half | Act::Silence | Act::Endless) => takes,
        };
        // On record before the answer: a client that is gone meanwhile changes nothing for the recipient.
        let place = is_taken.then(|| {
            let mut taken = self.shared.taken.lock().unwrap();
            taken.push(Taken { message_id, said: false, is_part: false });
            taken.len() - 1
        });
        let then = match act {
            Some(act) => self.perform(act, "250 2.0.0 queued as 42"),
            None => self.say("250 2.0.0 queued as 42"),
        };
        let is_answered = matches!(act, None | Some(Act::Farewell | Act::Inject));
        if let (Some(place), true, true) = (place, is_answered, then.is_ok()) {
            self.shared.taken.lock().unwrap()[place].said = true;
        }
        then
    }

    fn manners(&self) -> Manners {
        *self.shared.manners.lock().unwrap()
    }

    /// What happens at a step this time, if anything.
    fn act(&self, step: Step) -> Option<Act> {
        let manners = self.manners();
        let (at, act) = manners.act?;
        let is_meant = manners.only.is_none() || manners.only == self.recipient;
        if at != step || !is_meant {
            return None;
        }
        let mut occasions = self.shared.occasions.lock().unwrap();
        *occasions += 1;
        occasions.is_multiple_of(manners.every).then_some(act)
    }

    fn answer(&mut self, step: Step, usual: &str) -> std::io::Result<Then> {
        match self.act(step) {
            Some(act) => self.perform(act, usual),
            None => self.say(usual),
        }
    }

    fn perform(&mut self, act: Act, usual: &str) -> std::io::Result<Then> {
        match act {
            Act::Refuse(text) => {
                self.say(text)?;
                Ok(if text.starts_with("421") { Then::Ends } else { Then::Goes })
            }
            Act::Close => Ok(Then::Ends),
            Act::Half => {
                self.lines.write(&usual.as_bytes()[..2])?;
                Ok(Then::Ends)
            }
            Act::Silence => {
                self.lines.wait_for_end();
                Ok(Then::Ends)
            }
            Act::Endless => {
                for _ in 0..40 {
                    self.lines.write(&[b'2'; 64 * 1024])?;
                }
                Ok(Then::Ends)
            }
            Act::Farewell => {
                self.say(usual)?;
                self.say("421 4.3.2 good-bye")?;
                Ok(Then::Ends)
            }
            Act::Nonsense => {
                self.lines.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")?;
                Ok(Then::Ends)
            }
            Act::Inject => {
                self.lines.write(
                    b"220 go\r\n250-evil\r\n250 HELP\r\n250 ok\r\n250 ok\r\n354 go\r\n250 queued as FORGED\r\n",
                )?;
                Ok(Then::Goes)
            }
        }
    }

    /// A reply in the dress of these hours: lines are parted by line feeds, and the first carries the code.
    fn say(&mut self, reply: &str) -> std::io::Result<Then> {
        let dress = self.manners().dress;
        let bytes = dressed(dress, reply);
        if dress == Dress::ByteByByte {
            for byte in bytes {
                self.lines.write(&[byte])?;
                std::thread::sleep(Duration::from_micros(200));
            }
        } else {
            self.lines.write(&bytes)?;
        }
        Ok(Then::Goes)
    }
}

fn dressed(dress: Dress, reply: &str) -> Vec<u8> {
    let (code, rest) = reply.split_at(3);
    let lines: Vec<&str> = rest.trim_start().split('\n').collect();
    // Codes after which the client still goes on: only first digits count.
    let code = match (dress, code) {
        (Dress::OddDigits, "250") => "269",
        (Dress::OddDigits, "220") => "299",
        (Dress::OddDigits, "354") => "399",
        _ => code,
    };
    let end: &[u8] = if dress == Dress::LineFeeds { b"\n" } else { b"\r\n" };
    let mut out = Vec::new();
    if dress == Dress::ManyLines {
        for number in 0..150 {
            out.extend_from_slice(format!("{code}-line {number}\r\n").as_bytes());
        }
    }
    for (index, line) in lines.iter().enumerate() {
        let is_last = index + 1 == lines.len();
        out.extend_from_slice(code.as_bytes());
        // What a server offers is read, so it is said in any dress.
        let is_offer = index > 0;
        match dress {
            Dress::Bare if is_last && !is_offer => {}
            _ => out.push(if is_last { b' ' } else { b'-' }),
        }
        match dress {
            _ if is_offer => out.extend_from_slice(line.as_bytes()),
            Dress::Bare => {}
            // 邮件服务 in GBK.
            Dress::Gbk => out.extend_from_slice(b"\xd3\xca\xbc\xfe\xb7\xfe\xce\xf1"),
            Dress::LongLine => out.extend_from_slice(&[b'x'; 60_000]),
            Dress::Controls => out.extend_from_slice(b"\x1b]0;title\x07\x1b[2J\0ok"),
            _ => out.extend_from_slice(line.as_bytes()),
        }
        out.extend_from_slice(end);
    }
    out
}
