//! The macros of `tongbao-message`: each message of the code is checked against the texts in `messages/` while
//! the code is compiled. An id that is missing in a language, an argument that a text does not name and one that
//! it names and nobody gives are errors of compilation, in the place where the message is made.

mod call;
mod derive;
mod texts;

use proc_macro::TokenStream;

/// Takes in the texts of the crate, as `pub static TEXTS`; once, in the root of the crate.
#[proc_macro]
pub fn catalogue(_input: TokenStream) -> TokenStream {
    texts::catalogue().unwrap_or_else(|problem| error(&problem)).into()
}

/// `message!("id", name, other = expression)`: a message of this crate's texts.
#[proc_macro]
pub fn message(input: TokenStream) -> TokenStream {
    call::expand(input.into()).unwrap_or_else(|problem| problem.to_compile_error()).into()
}

/// Gives an enum or a struct its message and with it `Display` in English.
///
/// The id is the name of the type and that of the variant in kebab case (`StoreError::NotHeld` is
/// `store-error-not-held`), the arguments are the fields by their names; the field of a variant with a single
/// one and no name takes the name that the text has for it. `#[message(name = expression)]` gives an argument
/// that is no field (fields are references in the expression, `_0` where they have no name), and
/// `#[message(transparent)]` passes on the message of the only field.
#[proc_macro_derive(Worded, attributes(message))]
pub fn worded(input: TokenStream) -> TokenStream {
    derive::expand(input.into()).unwrap_or_else(|problem| problem.to_compile_error()).into()
}

fn error(problem: &str) -> proc_macro2::TokenStream {
    quote::quote!(::core::compile_error!(#problem);)
}
