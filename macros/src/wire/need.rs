//! Questions to the compiler: what a macro cannot see of other types.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::quote;

use super::{Foreign, Mask, Step};

/// Something that has to hold, and where it is told if it does not.
#[derive(Debug)]
pub(crate) struct Need {
    pub(crate) question: Question,
    pub(crate) span: Span,
}

/// What is asked.
#[derive(Debug)]
pub(crate) enum Question {
    /// A place exists and is of some kinds; why, and where in the text it is named.
    Is {
        place: Foreign,
        kinds: Mask,
        wish: String,
        at: String,
    },
    /// Two places are of one kind; numbers of all sorts are one if `mixed`.
    Same {
        places: [Foreign; 2],
        mixed: bool,
        wish: String,
        at: String,
    },
    /// A type has a field that tells its values apart.
    Key { ty: Foreign, name: String },
    /// A type has no rule about changes.
    Settled { ty: Foreign },
    /// A value is one of those a type allows.
    Word { ty: Foreign, value: String },
}

/// Types deeper than this are not described.
const DEEPEST: usize = 8;

impl Need {
    /// Returns the constant that asks.
    pub(crate) fn tokens(&self, private: &TokenStream) -> TokenStream {
        let shape = quote!(#private::shape);
        let call = match &self.question {
            Question::Is {
                place,
                kinds,
                wish,
                at,
            } => {
                let (probe, steps, kinds) = (place.probe(&shape), place.steps(&shape), kinds.tokens(&shape));
                quote!(check(#probe, #steps, #kinds, #wish, #at))
            }
            Question::Same {
                places: [one, other],
                mixed,
                wish,
                at,
            } => {
                let (one, one_steps) = (one.probe(&shape), one.steps(&shape));
                let (other, other_steps) = (other.probe(&shape), other.steps(&shape));
                quote!(same((#one, #one_steps), (#other, #other_steps), #mixed, #wish, #at))
            }
            Question::Key { ty, name } => {
                let probe = ty.probe(&shape);
                quote!(key(#probe, #name))
            }
            Question::Settled { ty } => {
                let probe = ty.probe_to(&shape, DEEPEST);
                quote!(settled(#probe))
            }
            Question::Word { ty, value } => {
                let probe = ty.probe(&shape);
                quote!(word(#probe, #value))
            }
        };
        let asked = quote! {
            #[allow(unused_imports, unused_qualifications, deprecated)]
            const _: () = {
                use #shape::Unshaped as _;
                #shape::#call
            };
        };
        placed(asked, self.span)
    }

    /// Whether another question contains this one.
    pub(crate) fn is_part_of(&self, other: &Self) -> bool {
        let (
            Question::Is { place, kinds, .. },
            Question::Is {
                place: other_place,
                kinds: other_kinds,
                ..
            },
        ) = (&self.question, &other.question)
        else {
            return false;
        };
        let longer = other_place.steps.len() > place.steps.len()
            || other_place.steps.len() == place.steps.len() && *other_kinds != Mask::ALL;
        *kinds == Mask::ALL
            && longer
            && place.origin() == other_place.origin()
            && other_place.steps.starts_with(&place.steps)
    }
}

/// Puts tokens where the author has something to change.
pub(crate) fn placed(tokens: TokenStream, span: Span) -> TokenStream {
    let place = |mut token: TokenTree| {
        if let TokenTree::Group(group) = &token {
            token = Group::new(group.delimiter(), placed(group.stream(), span)).into();
        }
        token.set_span(span);
        token
    };
    tokens.into_iter().map(place).collect()
}

impl Foreign {
    fn probe(&self, shape: &TokenStream) -> TokenStream {
        self.probe_to(shape, self.steps.len() + 1)
    }

    /// Asks for the shape to a depth.
    fn probe_to(&self, shape: &TokenStream, depth: usize) -> TokenStream {
        let depth = quote::format_ident!("D{}", depth.min(DEEPEST));
        self.described(shape, &quote!(#shape::#depth))
    }

    /// Where the way begins, as a text.
    fn origin(&self) -> String {
        let nowhere = TokenStream::new();
        self.described(&nowhere, &nowhere).to_string()
    }

    fn steps(&self, shape: &TokenStream) -> TokenStream {
        let steps = self.steps.iter().map(|step| match step {
            Step::Field(name) => quote!(#shape::Step::Field(#name)),
            Step::Reserved(name) => quote!(#shape::Step::Reserved(#name)),
            Step::Index => quote!(#shape::Step::Index),
            Step::Each => quote!(#shape::Step::Each),
        });
        quote!(&[#(#steps),*])
    }
}
