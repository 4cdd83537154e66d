//! Reading `#[reconciler(..)]`, mistakes included: every one is reported, each at the token to change.

use proc_macro2::{Span, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{DeriveInput, Error, Expr, Ident, LitStr, Path, Result, Token, Type};

use super::name;
use super::vocabulary::{KEYS, SUBRESOURCES, VERBS, words};
use crate::suggest;

/// What the attributes of one reconciler say.
pub(super) struct Declaration {
    /// The kind that is reconciled.
    pub(super) object: Type,
    /// The kinds that are owned.
    pub(super) owns: Vec<Followed>,
    /// The kinds that are watched.
    pub(super) watches: Vec<Watch>,
    /// What else is permitted.
    pub(super) permits: Vec<Permit>,
    /// The finalizer.
    pub(super) finalizer: Option<LitStr>,
    /// The name of the controller.
    pub(super) name: Option<LitStr>,
    /// Whether the definition of the kind belongs to someone else.
    pub(super) external: bool,
    /// Where the runtime is found.
    pub(super) krate: Path,
}

/// A kind that is followed: its objects, or their metadata only.
#[derive(Clone)]
pub(super) struct Followed {
    pub(super) kind: Type,
    pub(super) metadata_only: bool,
}

/// A watched kind, and how its objects lead to the reconciled ones.
pub(super) struct Watch {
    pub(super) followed: Followed,
    pub(super) via: Option<Expr>,
}

/// Verbs on a kind, or on a subresource of it.
pub(super) struct Permit {
    pub(super) kind: Type,
    pub(super) subresource: Option<Ident>,
    pub(super) verbs: Vec<Ident>,
}

impl Declaration {
    /// Reads the attributes of an item.
    pub(super) fn read(input: &DeriveInput) -> Result<Self> {
        let mut reader = Reader::default();
        let attributes = input
            .attrs
            .iter()
            .filter(|attribute| attribute.path().is_ident("reconciler"));
        for attribute in attributes {
            if let Err(error) = attribute.parse_args_with(|stream: ParseStream<'_>| {
                reader.items(stream);
                Ok(())
            }) {
                reader.mistakes.push(error);
            }
        }
        reader.finish(&input.ident)
    }
}

/// Collects what was read so far, and every mistake.
#[derive(Default)]
struct Reader {
    object: Option<Type>,
    owns: Vec<Followed>,
    watches: Vec<Watch>,
    permits: Vec<Permit>,
    finalizer: Option<LitStr>,
    name: Option<LitStr>,
    external: bool,
    krate: Option<Path>,
    seen: Vec<String>,
    mistakes: Vec<Error>,
}

impl Reader {
    /// Reads the items of one attribute; a mistake costs the rest of its item only.
    fn items(&mut self, stream: ParseStream<'_>) {
        while !stream.is_empty() {
            if let Err(mistake) = self.item(stream) {
                self.mistakes.push(mistake);
                skip_to_comma(stream);
            }
            if stream.is_empty() {
                return;
            }
            if let Err(mistake) = stream.parse::<Token![,]>() {
                self.mistakes.push(mistake);
                skip_to_comma(stream);
                let _ = stream.parse::<Option<Token![,]>>();
            }
        }
    }

    fn item(&mut self, stream: ParseStream<'_>) -> Result<()> {
        let key = stream.call(Ident::parse_any)?;
        match key.to_string().as_str() {
            "for" => {
                let object = value(stream, &key, "for = Memcached")?;
                self.object.get_or_insert(object);
                self.once(&key)?;
            }
            "owns" => self.owns(stream, &key)?,
            "watches" => self.watches(stream, &key)?,
            "permits" => self.permits(stream, &key)?,
            "finalizer" => {
                let text: LitStr = value(stream, &key, "finalizer = \"example.com/cleanup\"")?;
                self.check(&text, name::finalizer_problem);
                self.finalizer.get_or_insert(text);
                self.once(&key)?;
            }
            "name" => {
                let text: LitStr = value(stream, &key, "name = \"memcached\"")?;
                self.check(&text, name::controller_problem);
                self.name.get_or_insert(text);
                self.once(&key)?;
            }
            "external" => {
                self.external = true;
                self.once(&key)?;
            }
            "crate" => {
                stream.parse::<Token![=]>()?;
                self.krate = Some(stream.call(Path::parse_mod_style)?);
                self.once(&key)?;
            }
            unknown => return Err(unknown_word(&key, "key", unknown, KEYS)),
        }
        Ok(())
    }

    fn owns(&mut self, stream: ParseStream<'_>, key: &Ident) -> Result<()> {
        let inner = group(stream, key, "owns(Deployment, Service)")?;
        let kinds: Punctuated<Followed, Token![,]> = inner.parse_with(Punctuated::parse_terminated)?;
        for owned in kinds {
            if self.owns.iter().any(|known| known.kind == owned.kind) {
                let message = "is owned already; remove it here";
                self.mistakes.push(Error::new_spanned(&owned.kind, message));
            } else {
                self.owns.push(owned);
            }
        }
        Ok(())
    }

    fn watches(&mut self, stream: ParseStream<'_>, key: &Ident) -> Result<()> {
        let inner = group(stream, key, "watches(Secret, via = Self::of_secret)")?;
        let entries: Punctuated<WatchEntry, Token![,]> = inner.parse_with(Punctuated::parse_terminated)?;
        let first = self.watches.len();
        for entry in entries {
            match entry {
                WatchEntry::Kind(followed) => self.watches.push(Watch { followed, via: None }),
                WatchEntry::Via(key, via) => match self.watches.get_mut(first..).and_then(<[_]>::last_mut) {
                    Some(Watch { via: slot @ None, .. }) => *slot = Some(via),
                    _ => self.mistakes.push(Error::new(
                        key.span(),
                        "`via` belongs behind its kind: `watches(Secret, via = Self::of_secret)`",
                    )),
                },
            }
        }
        Ok(())
    }

    fn permits(&mut self, stream: ParseStream<'_>, key: &Ident) -> Result<()> {
        let inner = group(stream, key, "permits(Secret: [get, list])")?;
        let permits: Punctuated<Permit, Token![,]> = inner.parse_with(Punctuated::parse_terminated)?;
        for permit in permits {
            self.check_permit(&permit);
            self.permits.push(permit);
        }
        Ok(())
    }

    fn check_permit(&mut self, permit: &Permit) {
        if let Some(subresource) = &permit.subresource {
            self.check_word(subresource, "subresource", &words(SUBRESOURCES));
        }
        for verb in &permit.verbs {
            self.check_word(verb, "verb", &words(VERBS));
        }
        if permit.verbs.is_empty() {
            let message = "permits nothing: name verbs, as in `[get, list]`";
            self.mistakes.push(Error::new_spanned(&permit.kind, message));
        }
    }

    fn check_word(&mut self, word: &Ident, what: &str, known: &[&str]) {
        let text = word.unraw().to_string();
        if !known.contains(&text.as_str()) {
            self.mistakes.push(unknown_word(word, what, &text, known));
        }
    }

    fn check(&mut self, text: &LitStr, problem: fn(&str) -> Option<String>) {
        if let Some(problem) = problem(&text.value()) {
            self.mistakes.push(Error::new(text.span(), problem));
        }
    }

    fn once(&mut self, key: &Ident) -> Result<()> {
        let text = key.to_string();
        if self.seen.contains(&text) {
            return Err(Error::new(
                key.span(),
                format!("`{text}` is given twice; remove one"),
            ));
        }
        self.seen.push(text);
        Ok(())
    }

    fn finish(mut self, item: &Ident) -> Result<Declaration> {
        let has_other_mistake_about_for = self
            .mistakes
            .iter()
            .any(|mistake| mistake.to_string().contains("`for`"));
        if self.object.is_none() && !has_other_mistake_about_for {
            let message =
                "`for` is missing: add `#[reconciler(for = MyKind)]` with the kind that is reconciled";
            self.mistakes.push(Error::new(item.span(), message));
        }
        let all = self.mistakes.into_iter().reduce(|mut all, mistake| {
            all.combine(mistake);
            all
        });
        match (all, self.object) {
            (None, Some(object)) => Ok(Declaration {
                object,
                owns: self.owns,
                watches: self.watches,
                permits: self.permits,
                finalizer: self.finalizer,
                name: self.name,
                external: self.external,
                krate: self.krate.unwrap_or_else(|| syn::parse_quote!(::krate)),
            }),
            (all, _) => Err(all.unwrap_or_else(|| Error::new(Span::call_site(), "`for` is missing"))),
        }
    }
}

/// One entry between the parentheses of `watches`.
enum WatchEntry {
    Kind(Followed),
    Via(Ident, Expr),
}

impl Parse for Followed {
    fn parse(stream: ParseStream<'_>) -> Result<Self> {
        let is_metadata = stream.peek(Ident)
            && stream.peek2(syn::token::Paren)
            && stream
                .fork()
                .parse::<Ident>()
                .is_ok_and(|word| word == "metadata");
        if !is_metadata {
            return Ok(Self {
                kind: stream.parse()?,
                metadata_only: false,
            });
        }
        stream.parse::<Ident>()?;
        let inner;
        syn::parenthesized!(inner in stream);
        let kind = inner.parse()?;
        if !inner.is_empty() {
            return Err(inner.error("one kind at a time: `metadata(Secret), metadata(ConfigMap)`"));
        }
        Ok(Self {
            kind,
            metadata_only: true,
        })
    }
}

impl Parse for WatchEntry {
    fn parse(stream: ParseStream<'_>) -> Result<Self> {
        if stream.peek(Ident) && stream.peek2(Token![=]) {
            let key: Ident = stream.parse()?;
            if key != "via" {
                return Err(unknown_word(&key, "key", &key.to_string(), &["via"]));
            }
            stream.parse::<Token![=]>()?;
            return Ok(Self::Via(key, stream.parse()?));
        }
        Ok(Self::Kind(stream.parse()?))
    }
}

impl Parse for Permit {
    fn parse(stream: ParseStream<'_>) -> Result<Self> {
        let kind = stream.parse()?;
        let subresource = match stream.parse::<Option<Token![/]>>()? {
            Some(_) => Some(stream.call(Ident::parse_any)?),
            None => None,
        };
        stream.parse::<Token![:]>().map_err(|error| {
            Error::new(
                error.span(),
                "expected `:` and verbs, as in `Secret: [get, list]`",
            )
        })?;
        let verbs;
        syn::bracketed!(verbs in stream);
        let verbs = Punctuated::<Ident, Token![,]>::parse_terminated_with(&verbs, Ident::parse_any)?;
        Ok(Self {
            kind,
            subresource,
            verbs: verbs.into_iter().collect(),
        })
    }
}

fn value<T: Parse>(stream: ParseStream<'_>, key: &Ident, example: &str) -> Result<T> {
    if !stream.peek(Token![=]) {
        return Err(Error::new(
            key.span(),
            format!("`{key}` needs a value: `{example}`"),
        ));
    }
    stream.parse::<Token![=]>()?;
    stream
        .parse()
        .map_err(|error| Error::new(error.span(), format!("{error}, as in `{example}` (in `{key}`)")))
}

/// Returns the content of the parentheses behind a key, as a parser of its own.
fn group(stream: ParseStream<'_>, key: &Ident, example: &str) -> Result<Inner> {
    if !stream.peek(syn::token::Paren) {
        return Err(Error::new(
            key.span(),
            format!("`{key}` needs parentheses: `{example}`"),
        ));
    }
    let content;
    syn::parenthesized!(content in stream);
    content.parse().map(Inner)
}

/// Tokens that are read as a whole, so that a mistake in them does not spoil what follows.
struct Inner(proc_macro2::TokenStream);

impl Inner {
    fn parse_with<T>(self, parser: impl FnOnce(ParseStream<'_>) -> Result<T>) -> Result<T> {
        syn::parse::Parser::parse2(parser, self.0)
    }
}

fn unknown_word(at: &Ident, what: &str, word: &str, known: &[&str]) -> Error {
    let help = suggest::help(word, known);
    Error::new(at.span(), format!("unknown {what} `{word}`: {help}"))
}

fn skip_to_comma(stream: ParseStream<'_>) {
    while !stream.is_empty() && !stream.peek(Token![,]) {
        if stream.parse::<TokenTree>().is_err() {
            return;
        }
    }
}
