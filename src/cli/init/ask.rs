//! Questions to the person at the terminal: on stderr, with answers from stdin, so that they can be piped.

use std::io::{BufRead, Write};
use tongbao_message::{Message, message};

use super::super::failure::CommandFailure;
use super::super::language::CommandLanguage;

pub(super) struct Asker {
    language: CommandLanguage,
    silent: bool,
}

impl Asker {
    pub(super) fn new(language: CommandLanguage, silent: bool) -> Asker {
        Asker { language, silent }
    }

    /// What must be known: given by a flag, or asked for until there is an answer.
    pub(super) fn required(
        &mut self,
        question: Message,
        given: Option<String>,
        flag: &str,
    ) -> Result<String, CommandFailure> {
        let mut answer = given;
        // An empty answer is a slip, and the answers before it are not lost.
        while answer.as_ref().is_none_or(|text| text.trim().is_empty()) {
            answer = match self.ask(&question)? {
                Some(answer) => Some(answer),
                None => {
                    return Err(CommandFailure::Usage(message!(
                        "nothing-is-known-of-give-it",
                        question,
                        flag
                    )));
                }
            };
        }
        Ok(answer.unwrap_or_default())
    }

    /// What may be left out.
    pub(super) fn optional(
        &mut self,
        question: Message,
        given: Option<String>,
    ) -> Result<Option<String>, CommandFailure> {
        let answer = match given {
            Some(given) => Some(given),
            None => self.ask(&question)?,
        };
        Ok(answer.filter(|text| !text.trim().is_empty()))
    }

    /// One change to the guesses; `None` takes them as they are.
    pub(super) fn change(&mut self) -> Result<Option<String>, CommandFailure> {
        self.optional(message!("to-change-a-column-write-key"), None)
    }

    /// A further roster; `None` when there is no more.
    pub(super) fn roster(&mut self) -> Result<Option<String>, CommandFailure> {
        let question = message!("one-more-roster-as-table-or");
        self.optional(question, None)
    }

    /// One answer; `None` when nobody is asked or nobody answers.
    fn ask(&mut self, question: &Message) -> Result<Option<String>, CommandFailure> {
        if self.silent {
            return Ok(None);
        }
        // A prompt that cannot be shown is no reason to stop.
        let mut stderr = std::io::stderr();
        let _ = write!(stderr, "{}: ", self.language.say(question)).and_then(|()| stderr.flush());
        let mut answer = String::new();
        let read = std::io::stdin().lock().read_line(&mut answer);
        match read.map_err(|error| CommandFailure::Failed(message!("cannot-read-the-answer", error)))? {
            0 => Ok(None),
            _ => Ok(Some(answer.trim().to_owned())),
        }
    }
}
