//! What a document says, and where it stands on the page or in a Word file. Pure: bytes are made in `render`.

pub mod layout;
pub mod report;
pub mod wordprocessing;

tongbao_message::catalogue!();
