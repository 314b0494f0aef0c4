//! `#[derive(Worded)]`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::parse::ParseStream;
use syn::{Attribute, Data, DeriveInput, Error, Fields, Ident, Token};

use crate::call;

/// What `#[message(…)]` says of a variant.
#[derive(Default)]
struct Said {
    is_transparent: bool,
    arguments: Vec<(Ident, TokenStream)>,
}

pub(crate) fn expand(input: TokenStream) -> syn::Result<TokenStream> {
    let input: DeriveInput = syn::parse2(input)?;
    let name = &input.ident;
    let arms: Vec<TokenStream> = match &input.data {
        Data::Enum(data) => {
            let arm = |variant: &syn::Variant| {
                let id = format!("{}-{}", kebab(name), kebab(&variant.ident));
                let path = &variant.ident;
                arm(&quote!(Self::#path), &id, &variant.ident, &variant.fields, &variant.attrs)
            };
            data.variants.iter().map(arm).collect::<syn::Result<_>>()?
        }
        Data::Struct(data) => vec![arm(&quote!(Self), &kebab(name), name, &data.fields, &input.attrs)?],
        Data::Union(_) => return Err(Error::new(name.span(), "a union has no message")),
    };
    let (generics, types, bounds) = input.generics.split_for_impl();
    Ok(quote! {
        impl #generics ::tongbao_message::Worded for #name #types #bounds {
            fn message(&self) -> ::tongbao_message::Message {
                #[allow(unused_variables, reason = "a text need not name every field")]
                match self { #(#arms)* }
            }
        }

        impl #generics ::std::fmt::Display for #name #types #bounds {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Display::fmt(&::tongbao_message::Worded::message(self), f)
            }
        }
    })
}

fn arm(
    path: &TokenStream,
    id: &str,
    place: &Ident,
    fields: &Fields,
    attributes: &[Attribute],
) -> syn::Result<TokenStream> {
    let said = said(attributes)?;
    let names: Vec<Ident> = match fields {
        Fields::Named(fields) => fields.named.iter().filter_map(|field| field.ident.clone()).collect(),
        Fields::Unnamed(fields) => (0..fields.unnamed.len()).map(|at| format_ident!("_{at}")).collect(),
        Fields::Unit => Vec::new(),
    };
    let pattern = match fields {
        Fields::Named(_) => quote!(#path { #(#names),* }),
        Fields::Unnamed(_) => quote!(#path(#(#names),*)),
        Fields::Unit => quote!(#path),
    };
    if said.is_transparent {
        let [field] = names.as_slice() else {
            return Err(Error::new(place.span(), "only a single field can pass on its message"));
        };
        return Ok(quote!(#pattern => ::tongbao_message::Worded::message(#field),));
    }
    let message = call::message(id, &arguments(id, place, fields, &names, said)?);
    Ok(quote!(#pattern => #message,))
}

/// What the texts name, each from `#[message(…)]` or from the field of that name.
fn arguments(
    id: &str,
    place: &Ident,
    fields: &Fields,
    names: &[Ident],
    said: Said,
) -> syn::Result<Vec<(Ident, TokenStream)>> {
    let Some(wanted) = call::wanted(id, place.span())? else { return Ok(Vec::new()) };
    if let Some((name, _)) = said.arguments.iter().find(|(name, _)| !wanted.contains(&name.to_string())) {
        return Err(Error::new(name.span(), format!("the texts of `{id}` name no `{name}`")));
    }
    let value = |name: &String| {
        let ident = Ident::new(name, place.span());
        if let Some((_, value)) = said.arguments.iter().find(|(given, _)| given == name) {
            return Ok((ident, value.clone()));
        }
        let field = match (fields, names) {
            (Fields::Unnamed(_), [only]) => Some(only),
            _ => names.iter().find(|field| *field == name),
        };
        let field = field
            .ok_or_else(|| Error::new(place.span(), format!("`{id}` names `{name}`, which is no field")))?;
        Ok((ident, quote!(#field)))
    };
    wanted.iter().map(value).collect()
}

fn said(attributes: &[Attribute]) -> syn::Result<Said> {
    let mut said = Said::default();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("message")) {
        attribute.parse_args_with(|input: ParseStream<'_>| {
            while !input.is_empty() {
                if input.peek(syn::Ident) && input.fork().parse::<Ident>()? == "transparent" {
                    input.parse::<Ident>()?;
                    said.is_transparent = true;
                } else {
                    said.arguments.push(call::argument(input)?);
                }
                if input.parse::<Option<Token![,]>>()?.is_none() {
                    break;
                }
            }
            Ok(())
        })?;
    }
    Ok(said)
}

/// `NotHeld` as `not-held`.
fn kebab(name: &Ident) -> String {
    let mut out = String::new();
    for c in name.to_string().chars() {
        if c.is_uppercase() && !out.is_empty() {
            out.push('-');
        }
        out.extend(c.to_lowercase());
    }
    out
}
