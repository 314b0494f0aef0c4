//! `message!("id", name = value)`.

use std::collections::BTreeSet;

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream};
use syn::{Error, Ident, LitStr, Token};

use crate::texts;

struct Call {
    id: LitStr,
    arguments: Vec<(Ident, TokenStream)>,
}

impl Parse for Call {
    fn parse(input: ParseStream<'_>) -> syn::Result<Call> {
        let id = input.parse()?;
        let mut arguments = Vec::new();
        while input.parse::<Option<Token![,]>>()?.is_some() && !input.is_empty() {
            arguments.push(argument(input)?);
        }
        Ok(Call { id, arguments })
    }
}

/// `name = expression`, or a variable by its name alone.
pub(crate) fn argument(input: ParseStream<'_>) -> syn::Result<(Ident, TokenStream)> {
    let name: Ident = input.parse()?;
    if input.parse::<Option<Token![=]>>()?.is_none() {
        return Ok((name.clone(), quote::quote!(#name)));
    }
    let mut expression = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        expression.extend([input.parse::<TokenTree>()?]);
    }
    Ok((name, expression))
}

pub(crate) fn expand(input: TokenStream) -> syn::Result<TokenStream> {
    let call: Call = syn::parse2(input)?;
    let id = call.id.value();
    let wanted = wanted(&id, call.id.span())?;
    let given: BTreeSet<String> = call.arguments.iter().map(|(name, _)| name.to_string()).collect();
    if let Some(wanted) = wanted.filter(|wanted| *wanted != given) {
        let problem = format!("`{id}` takes {wanted:?}, not {given:?}");
        return Err(Error::new(call.id.span(), problem));
    }
    Ok(message(&id, &call.arguments))
}

/// The arguments that the texts of an id name; `None` if the files cannot be read.
pub(crate) fn wanted(id: &str, span: Span) -> syn::Result<Option<BTreeSet<String>>> {
    let ids = texts::ids();
    // What is wrong with the files as a whole is said once, where they are taken in.
    let Ok(ids) = ids.as_ref() else { return Ok(None) };
    let problem =
        || Error::new(span, format!("add `{id}` to the texts of this crate in messages/en and messages/zh"));
    ids.get(id).cloned().map(Some).ok_or_else(problem)
}

/// The expression that makes the message.
pub(crate) fn message(id: &str, arguments: &[(Ident, TokenStream)]) -> TokenStream {
    let arguments = arguments.iter().map(|(name, value)| {
        let name = name.to_string();
        quote::quote!((#name, {
            #[allow(unused_imports)]
            use ::tongbao_message::through::{OfDisplay as _, OfPath as _, OfWorded as _};
            (&&&::tongbao_message::through::Value(&(#value))).argument()
        }))
    });
    quote::quote!(::tongbao_message::Message::new(&crate::TEXTS, #id, ::std::vec![#(#arguments),*]))
}
