//! The texts of the crate that is being compiled.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use fluent_syntax::ast::{Entry, Expression, InlineExpression, PatternElement};
use proc_macro2::TokenStream;

/// Ids with the names of their arguments, the same in both languages.
pub(crate) type Ids = BTreeMap<String, BTreeSet<String>>;

static READ: Mutex<BTreeMap<String, Arc<Result<Ids, String>>>> = Mutex::new(BTreeMap::new());

/// The ids of the crate that is being compiled, read once in each run of the compiler.
pub(crate) fn ids() -> Arc<Result<Ids, String>> {
    let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(read.entry(area()).or_insert_with(|| Arc::new(both())))
}

/// The static that holds the texts: the compiler watches the files that it includes.
pub(crate) fn catalogue() -> Result<TokenStream, String> {
    let problem = ids().as_ref().as_ref().err().cloned();
    let problem = problem.map(|problem| quote::quote!(::core::compile_error!(#problem);));
    let included = |language: &str| -> Result<TokenStream, String> {
        let files = files(language)?;
        let files: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
        Ok(quote::quote!(::core::concat!(#(::core::include_str!(#files), "\n"),*)))
    };
    let (area, english, chinese) = (area(), included("en")?, included("zh")?);
    Ok(quote::quote! {
        #problem
        /// The texts of this crate in both languages.
        pub static TEXTS: ::tongbao_message::Catalogue =
            ::tongbao_message::Catalogue::new(#area, #english, #chinese);
    })
}

/// The crate's name without what all have in common; the program's own texts are those of `program`.
fn area() -> String {
    let package = variable("CARGO_PKG_NAME");
    package.strip_prefix("tongbao-").map_or("program".to_owned(), str::to_owned)
}

/// `messages/LANGUAGE/AREA.ftl`, or all files of the folder `messages/LANGUAGE/AREA`.
fn files(language: &str) -> Result<Vec<PathBuf>, String> {
    let manifest = PathBuf::from(variable("CARGO_MANIFEST_DIR"));
    let home = manifest.ancestors().map(|folder| folder.join("messages").join(language));
    let home = home.into_iter().find(|folder| folder.is_dir());
    let home = home.ok_or_else(|| format!("no folder messages/{language} above {}", manifest.display()))?;
    let file = home.join(format!("{}.ftl", area()));
    if file.is_file() {
        return Ok(vec![file]);
    }
    let folder = home.join(area());
    let entries = std::fs::read_dir(&folder)
        .map_err(|error| format!("neither {} nor {}: {error}", file.display(), folder.display()))?;
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "ftl"));
    files.sort();
    Ok(files)
}

/// The ids of both languages; a difference between them is a problem of every message.
fn both() -> Result<Ids, String> {
    let (english, chinese) = (read("en")?, read("zh")?);
    let differing = english.iter().find(|(id, names)| chinese.get(*id) != Some(names));
    let differing = differing.or_else(|| chinese.iter().find(|(id, _)| !english.contains_key(*id)));
    match differing {
        Some((id, _)) => Err(format!(
            "`{id}` in messages/: English has {:?}, Chinese {:?}; both need the id with the same arguments",
            english.get(id),
            chinese.get(id)
        )),
        None => Ok(english),
    }
}

fn read(language: &str) -> Result<Ids, String> {
    let mut ids = Ids::new();
    for file in files(language)? {
        let text = std::fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        add(&text, &file, &mut ids)?;
    }
    Ok(ids)
}

fn add(text: &str, file: &Path, ids: &mut Ids) -> Result<(), String> {
    let problem = |what: &str| Err(format!("{}: {what}", file.display()));
    let resource = match fluent_syntax::parser::parse(text) {
        Ok(resource) => resource,
        Err((_, errors)) => return problem(&format!("{:?}", errors.first())),
    };
    for entry in resource.body {
        let message = match entry {
            Entry::Message(message) => message,
            Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => continue,
            Entry::Term(_) | Entry::Junk { .. } => return problem("only messages and comments are read"),
        };
        let id = message.id.name.to_owned();
        let Some(value) = message.value else { return problem(&format!("{id} has no text")) };
        let mut names = BTreeSet::new();
        for element in value.elements {
            match element {
                PatternElement::TextElement { .. } => {}
                PatternElement::Placeable { expression: Expression::Inline(expression) } => {
                    match expression {
                        InlineExpression::VariableReference { id } => {
                            names.insert(id.name.to_owned());
                        }
                        InlineExpression::StringLiteral { .. } => {}
                        _ => {
                            return problem(&format!(
                                "{id}: only variables and texts in quotation marks are read"
                            ));
                        }
                    }
                }
                PatternElement::Placeable { .. } => return problem(&format!("{id}: choices are not read")),
            }
        }
        if ids.insert(id.clone(), names).is_some() {
            return problem(&format!("{id} is there twice"));
        }
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "the compiler names the crate in its environment")]
fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}
