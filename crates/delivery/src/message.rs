//! A mail as RFC 5322 bytes. Pure: the same mail gives the same bytes.

use jiff::Timestamp;
use lettre::message::header::{
    ContentDisposition, ContentId, ContentTransferEncoding, ContentType, HeaderName, HeaderValue,
};
use lettre::message::{Mailbox, Message, MultiPart, SinglePart};
use sha2::{Digest, Sha256};
use tongbao_message::Worded;

use super::header::NamedContentType;
use tongbao_config::settings::Recipient;
use tongbao_config::{self, address_is_valid, name_is_valid};

/// One mail to one recipient: the first refused recipient would otherwise cost the others the mail.
#[derive(Debug, Clone, PartialEq)]
pub struct Mail {
    /// As [`mailbox`] reads it from `smtp.from`.
    pub from: Mailbox,
    /// The one recipient.
    pub to: Mailbox,
    /// Plain text; encoded when the mail is written.
    pub subject: String,
    /// The same content for readers that show no HTML.
    pub text: String,
    /// The content that mail programs show.
    pub html: String,
    /// Pictures that the HTML shows in its place, as `src="cid:ID"`.
    pub pictures: Vec<InlinePicture>,
    /// In the order in which mail programs list them.
    pub attachments: Vec<File>,
    /// With its angle brackets, see [`message_id`].
    pub message_id: String,
    /// What the mails of one report and campaign refer to, so that mail programs show them together; see
    /// [`thread_id`]. No mail has it as its own id.
    pub thread: String,
    /// The `Date` header: when the mail was written, not when it is sent.
    pub date: Timestamp,
}

/// An attached file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// As the recipient sees it, without folders; may be Chinese.
    pub name: String,
    /// e.g. `application/pdf`.
    pub content_type: String,
    /// The content, not encoded.
    pub bytes: Vec<u8>,
}

/// A picture within the HTML (RFC 2387).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InlinePicture {
    /// Content-ID without angle brackets.
    pub id: String,
    /// The picture itself; its name is not shown.
    pub file: File,
}

/// A mail that cannot be written. Addresses are not repeated here: they are personal data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Worded)]
pub enum MessageError {
    /// The header that holds it.
    ControlCharacter(&'static str),
    /// Not repeated, because it is personal data.
    Address,
    /// Position of the attachment, from 1.
    FileName(usize),
    /// Position of the attachment, from 1.
    ContentType(usize),
    /// RFC 5322 writes years of four digits.
    Date,
    /// What the library says, without an address.
    Build(String),
}

impl Mail {
    /// The bytes that are stored in the outbox and sent: ASCII only, lines ended by CRLF and shorter
    /// than the limit of RFC 5322, section 2.1.1.
    pub fn to_bytes(&self) -> Result<Vec<u8>, MessageError> {
        self.check_headers()?;
        let digest = hex_digest(&[&self.message_id]);
        let mut body =
            MultiPart::mixed().boundary(format!("=_mixed_{digest}")).multipart(self.alternatives(&digest)?);
        for (index, file) in self.attachments.iter().enumerate() {
            body = body.singlepart(attached(index + 1, file)?);
        }
        let message = Message::builder()
            .from(self.from.clone())
            .to(self.to.clone())
            .subject(self.subject.clone())
            .message_id(Some(self.message_id.clone()))
            .references(self.thread.clone())
            .raw_header(of_a_program("Auto-Submitted", "auto-generated"))
            .raw_header(of_a_program("X-Auto-Response-Suppress", "All"))
            .date(self.date.into())
            .multipart(body)
            .map_err(|error| MessageError::Build(error.to_string()))?;
        Ok(message.formatted())
    }

    /// The address for the envelope's MAIL FROM.
    pub fn sender(&self) -> &str {
        self.from.email.as_ref()
    }

    /// The address for the envelope's RCPT TO.
    pub fn recipient(&self) -> &str {
        self.to.email.as_ref()
    }

    fn alternatives(&self, digest: &str) -> Result<MultiPart, MessageError> {
        let parts = MultiPart::alternative()
            .boundary(format!("=_alternative_{digest}"))
            .singlepart(text_part(ContentType::TEXT_PLAIN, &self.text));
        let html = text_part(ContentType::TEXT_HTML, &self.html);
        if self.pictures.is_empty() {
            return Ok(parts.singlepart(html));
        }
        // The pictures belong to the HTML alone, so that no reader lists them as attachments.
        let mut related = MultiPart::related().boundary(format!("=_related_{digest}")).singlepart(html);
        for (index, picture) in self.pictures.iter().enumerate() {
            refuse_control("id of a picture", &picture.id)?;
            related = related.singlepart(shown(index + 1, picture)?);
        }
        Ok(parts.multipart(related))
    }

    fn check_headers(&self) -> Result<(), MessageError> {
        let headers = [
            ("subject", self.subject.as_str()),
            ("sender's name", self.from.name.as_deref().unwrap_or_default()),
            ("recipient's name", self.to.name.as_deref().unwrap_or_default()),
            ("message id", self.message_id.as_str()),
            ("thread id", self.thread.as_str()),
        ];
        for (name, value) in headers {
            refuse_control(name, value)?;
        }
        // lettre's date format panics outside this range.
        if !(0..253_402_300_800).contains(&self.date.as_second()) {
            return Err(MessageError::Date);
        }
        let addresses_are_ascii = self.sender().is_ascii() && self.recipient().is_ascii();
        addresses_are_ascii.then_some(()).ok_or(MessageError::Address)
    }
}

/// Reads `name <address>` or a bare address; the name may stand in quotes.
///
/// A domain outside ASCII has to be given in its `xn--` form, which every server takes.
pub fn mailbox(text: &str) -> Result<Mailbox, MessageError> {
    refuse_control("address", text)?;
    let (name, address) = tongbao_config::mailbox(text).map_err(|_| MessageError::Address)?;
    build_mailbox(&name, &address)
}

/// The recipient as the settings name it.
pub fn recipient_mailbox(recipient: &Recipient) -> Result<Mailbox, MessageError> {
    refuse_control("recipient's name", &recipient.name)?;
    build_mailbox(recipient.name.trim(), &recipient.email)
}

/// `<digest@domain>`, the same for the same run and recipient, so that a mail sent twice is
/// recognised as one by the recipient's server. Campaigns of one office may have reports of the same name at the
/// same time: their mails are others.
pub fn message_id(campaign: &str, run: &str, recipient: &str, from: &Mailbox) -> String {
    format!("<tongbao.{}@{}>", hex_digest(&[campaign, run, recipient]), from.email.domain())
}

/// `<digest@domain>`, the same for all mails of one kind in one campaign.
pub fn thread_id(campaign: &str, kind: &str, from: &Mailbox) -> String {
    format!("<tongbao.thread.{}@{}>", hex_digest(&["thread", campaign, kind]), from.email.domain())
}

/// The configuration's judge of addresses is the only one.
fn build_mailbox(name: &str, address: &str) -> Result<Mailbox, MessageError> {
    let address = address.trim();
    address_is_valid(address).map_err(|_| MessageError::Address)?;
    let (local, domain) = address.rsplit_once('@').ok_or(MessageError::Address)?;
    let address = lettre::Address::new_dangerous(local, domain);
    Ok(Mailbox::new((!name.is_empty()).then(|| name.to_string()), address))
}

/// Tells other programs that nobody wrote this mail, so that absences and receipts do not answer it (RFC 3834,
/// section 5; MS-OXCMAIL, section 2.2.3.2.14).
fn of_a_program(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

fn refuse_control(name: &'static str, value: &str) -> Result<(), MessageError> {
    name_is_valid(value).map_err(|_| MessageError::ControlCharacter(name))
}

/// Text in base64: Chinese is shorter so than in quoted-printable, and no line can be too long.
fn text_part(content_type: ContentType, text: &str) -> SinglePart {
    let with_crlf = text.lines().collect::<Vec<_>>().join("\r\n");
    SinglePart::builder()
        .header(content_type)
        .header(ContentTransferEncoding::Base64)
        .body(with_crlf.into_bytes())
}

fn shown(number: usize, picture: &InlinePicture) -> Result<SinglePart, MessageError> {
    check_file(number, &picture.file)?;
    Ok(SinglePart::builder()
        .header(NamedContentType::new(&picture.file.content_type, &picture.file.name))
        .header(ContentDisposition::inline_with_name(&picture.file.name))
        .header(ContentId::from(format!("<{}>", picture.id)))
        .header(ContentTransferEncoding::Base64)
        .body(picture.file.bytes.clone()))
}

fn attached(number: usize, file: &File) -> Result<SinglePart, MessageError> {
    check_file(number, file)?;
    Ok(SinglePart::builder()
        .header(NamedContentType::new(&file.content_type, &file.name))
        .header(ContentDisposition::attachment(&file.name))
        .header(ContentTransferEncoding::Base64)
        .body(file.bytes.clone()))
}

fn check_file(number: usize, file: &File) -> Result<(), MessageError> {
    let length = file.name.chars().count();
    if !(1..=200).contains(&length) || file.name.contains(['/', '\\', '"']) {
        return Err(MessageError::FileName(number));
    }
    refuse_control("file name of an attachment", &file.name)?;
    ContentType::parse(&file.content_type).map_err(|_| MessageError::ContentType(number))?;
    refuse_control("content type of an attachment", &file.content_type)
}

/// 128 bits of SHA-256 over the parts, each closed by a NUL so that no two lists run together.
fn hex_digest(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.as_bytes());
        hasher.update([0]);
    }
    hasher.finalize()[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}
