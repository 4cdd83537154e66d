//! The verbs of the Kubernetes API that a permission can name.
//!
//! Each exists twice: as a type, for the bounds of [`Permits`](super::Permits), and as a [`Verb`], for the role.
//! The types are in lower case so that a compiler message shows them as the attribute spells them.

use std::fmt;

macro_rules! verbs {
    ($($type:ident $variant:ident $text:literal $doc:literal;)*) => {
        /// A verb of the Kubernetes API.
        ///
        /// ```
        /// use krate::permission::Verb;
        /// assert_eq!(Verb::DeleteCollection.to_string(), "deletecollection");
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Verb {
            $(#[doc = $doc] $variant,)*
        }

        impl Verb {
            /// Every verb, in the order roles list them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Returns the verb as a role spells it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }

        $(
            #[doc = $doc]
            #[expect(non_camel_case_types, reason = "shown by the compiler as the attribute spells it")]
            #[derive(Debug)]
            pub enum $type {}
        )*
    };
}

verbs! {
    get Get "get" "Reads one object by name.";
    list List "list" "Reads all objects, or those a selector picks.";
    watch Watch "watch" "Follows the changes of objects.";
    create Create "create" "Makes a new object; an apply needs it too.";
    update Update "update" "Replaces an object.";
    patch Patch "patch" "Changes parts of an object; an apply is a patch.";
    delete Delete "delete" "Deletes one object by name.";
    deletecollection DeleteCollection "deletecollection" "Deletes all objects that a selector picks.";
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
