use snapbox::{assert_data_eq, str};

use super::derive;

fn expanded(item: &str) -> String {
    let tokens = derive(item.parse().expect("the item is Rust"));
    let file = syn::parse2(tokens).expect("the expansion is a list of items");
    prettyplease::unparse(&file)
}

/// Returns the text of each compile error, in order.
fn mistakes(item: &str) -> Vec<String> {
    let input = syn::parse_str(item).expect("the item is a struct");
    match super::attribute::Declaration::read(&input) {
        Ok(_) => Vec::new(),
        Err(error) => error.into_iter().map(|mistake| mistake.to_string()).collect(),
    }
}

fn check(attribute: &str, expected: &[&str]) {
    assert_eq!(
        mistakes(&format!("#[reconciler({attribute})] struct R;")),
        expected,
        "{attribute}"
    );
}

#[test]
fn a_sound_attribute_has_no_mistakes() {
    check("for = ConfigMap", &[]);
    check("for = v1::ConfigMap, owns(), watches(), permits(),", &[]);
    check(
        "for = A, watches(B, via = Self::of_b, C, via = |c| of(c), D)",
        &[],
    );
    check("for = A, permits(B: [get, list], C/status: [patch])", &[]);
    check(
        "for = A, owns(B, metadata(C)), watches(metadata(D), via = Self::of_d)",
        &[],
    );
    check(
        "for = A, name = \"a-2\", finalizer = \"a.b/c\", external, crate = crate::krate",
        &[],
    );
}

#[test]
fn each_mistake_says_what_to_write() {
    check(
        "",
        &["`for` is missing: add `#[reconciler(for = MyKind)]` with the kind that is reconciled"],
    );
    check("for = A, own(B)", &["unknown key `own`: did you mean `owns`?"]);
    check(
        "for = A, permits(B: [gett])",
        &["unknown verb `gett`: did you mean `get`?"],
    );
    check(
        "for = A, permits(B/statsu: [get])",
        &["unknown subresource `statsu`: did you mean `status`?"],
    );
    check(
        "for = A, permits(B: [])",
        &["permits nothing: name verbs, as in `[get, list]`"],
    );
    check(
        "for = A, permits(B)",
        &["expected `:` and verbs, as in `Secret: [get, list]`"],
    );
    check(
        "for = A, owns = B",
        &["`owns` needs parentheses: `owns(Deployment, Service)`"],
    );
    check("for = A, owns(B, B)", &["is owned already; remove it here"]);
    check(
        "for = A, owns(B, metadata(B))",
        &["is owned already; remove it here"],
    );
    check(
        "for = A, owns(metadata(B, C))",
        &["one kind at a time: `metadata(Secret), metadata(ConfigMap)`"],
    );
    check("for", &["`for` needs a value: `for = Memcached`"]);
    check("for = A, for = B", &["`for` is given twice; remove one"]);
    check(
        "for = A, watches(via = Self::f)",
        &["`via` belongs behind its kind: `watches(Secret, via = Self::of_secret)`"],
    );
    check(
        "for = A, watches(B, by = f)",
        &["unknown key `by`: known are `via`"],
    );
    check(
        "for = A, finalizer = \"cleanup\"",
        &[
            "a finalizer needs a domain: write `example.com/cleanup`, with the group of your API as the domain",
        ],
    );
}

#[test]
fn all_mistakes_are_reported_at_once() {
    check(
        "own(B), permits(C: [gett, lst], D/stats: [get]), finalizer = \"x\", name = \"X\"",
        &[
            "unknown key `own`: did you mean `owns`?",
            "unknown verb `gett`: did you mean `get`?",
            "unknown verb `lst`: did you mean `list`?",
            "unknown subresource `stats`: did you mean `status`?",
            "a finalizer needs a domain: write `example.com/x`, with the group of your API as the domain",
            "a controller's name has lower-case letters, digits and `-`, and starts and ends with a letter or digit",
            "`for` is missing: add `#[reconciler(for = MyKind)]` with the kind that is reconciled",
        ],
    );
}

#[test]
fn the_smallest_reconciler_expands_to_its_kind_alone() {
    let text = expanded("#[reconciler(for = ConfigMap, name = \"site\", external)] struct Site;");
    assert_data_eq!(
        text,
        str![[r##"
#[automatically_derived]
impl ::krate::Reconciler for Site {
    type Object = ConfigMap;
    fn name(&self) -> ::std::borrow::Cow<'static, str> {
        ::std::borrow::Cow::Borrowed("site")
    }
    fn permissions() -> ::std::vec::Vec<::krate::permission::Permission> {
        ::std::vec![
            ::krate::permission::Permission::of:: < ConfigMap >
            ([::krate::permission::Verb::Get, ::krate::permission::Verb::List,
            ::krate::permission::Verb::Watch, ::krate::permission::Verb::Update,
            ::krate::permission::Verb::Patch]),
            ::krate::permission::Permission::of_subresource:: < ConfigMap > ("status",
            [::krate::permission::Verb::Get, ::krate::permission::Verb::Update,
            ::krate::permission::Verb::Patch]),
            ::krate::permission::Permission::of_subresource:: < ConfigMap >
            ("finalizers", [::krate::permission::Verb::Update])
        ]
    }
}
#[automatically_derived]
impl ::krate::permission::Permits<::krate::permission::verb::get, ConfigMap> for Site {}
#[automatically_derived]
impl ::krate::permission::Permits<::krate::permission::verb::list, ConfigMap> for Site {}
#[automatically_derived]
impl ::krate::permission::Permits<::krate::permission::verb::watch, ConfigMap> for Site {}
#[automatically_derived]
impl ::krate::permission::Permits<::krate::permission::verb::update, ConfigMap>
for Site {}
#[automatically_derived]
impl ::krate::permission::Permits<::krate::permission::verb::patch, ConfigMap> for Site {}
#[automatically_derived]
impl ::krate::permission::Permits<
    ::krate::permission::verb::get,
    ::krate::permission::subresource::Status<ConfigMap>,
> for Site {}
#[automatically_derived]
impl ::krate::permission::Permits<
    ::krate::permission::verb::update,
    ::krate::permission::subresource::Status<ConfigMap>,
> for Site {}
#[automatically_derived]
impl ::krate::permission::Permits<
    ::krate::permission::verb::patch,
    ::krate::permission::subresource::Status<ConfigMap>,
> for Site {}
#[automatically_derived]
impl ::krate::permission::Permits<
    ::krate::permission::verb::update,
    ::krate::permission::subresource::Finalizers<ConfigMap>,
> for Site {}

"##]]
    );
}

#[test]
fn every_key_is_expanded() {
    let text = expanded(
        "#[reconciler(for = Memcached, owns(Deployment), watches(Secret, via = Self::of_secret, Node),
            permits(Secret: [get, create], Pod/eviction: [create]), finalizer = \"cache.example.com/cleanup\")]
         struct MemcachedReconciler<D: Dns> { dns: D }",
    );
    assert_data_eq!(
        text,
        str![[r##"
#[automatically_derived]
impl<D: Dns> ::krate::Reconciler for MemcachedReconciler<D> {
    type Object = Memcached;
    const FINALIZER: ::std::option::Option<&'static str> = ::std::option::Option::Some(
        "cache.example.com/cleanup",
    );
    fn name(&self) -> ::std::borrow::Cow<'static, str> {
        ::krate::__private::default_name::<Memcached>()
    }
    fn permissions() -> ::std::vec::Vec<::krate::permission::Permission> {
        ::std::vec![
            ::krate::permission::Permission::of:: < Memcached >
            ([::krate::permission::Verb::Get, ::krate::permission::Verb::List,
            ::krate::permission::Verb::Watch, ::krate::permission::Verb::Update,
            ::krate::permission::Verb::Patch]),
            ::krate::permission::Permission::of_subresource:: < Memcached > ("status",
            [::krate::permission::Verb::Get, ::krate::permission::Verb::Update,
            ::krate::permission::Verb::Patch]),
            ::krate::permission::Permission::of_subresource:: < Memcached >
            ("finalizers", [::krate::permission::Verb::Update]),
            ::krate::permission::Permission::of:: < Deployment >
            ([::krate::permission::Verb::Get, ::krate::permission::Verb::List,
            ::krate::permission::Verb::Watch, ::krate::permission::Verb::Create,
            ::krate::permission::Verb::Patch, ::krate::permission::Verb::Delete]),
            ::krate::permission::Permission::of:: < Secret >
            ([::krate::permission::Verb::Get, ::krate::permission::Verb::List,
            ::krate::permission::Verb::Watch, ::krate::permission::Verb::Create]),
            ::krate::permission::Permission::of:: < Node >
            ([::krate::permission::Verb::Get, ::krate::permission::Verb::List,
            ::krate::permission::Verb::Watch]),
            ::krate::permission::Permission::of_subresource:: < Pod > ("eviction",
            [::krate::permission::Verb::Create])
        ]
    }
    fn triggers(
        triggers: ::krate::trigger::Triggers<Self>,
    ) -> ::krate::trigger::Triggers<Self> {
        triggers
            .owns::<Deployment>()
            .watches::<Secret, _>(Self::of_secret)
            .watches::<Node, _>(::krate::__private::nothing::<Node>)
    }
    fn owned() -> ::krate::write::OwnedKinds {
        ::krate::write::OwnedKinds::new().with::<Deployment>()
    }
    fn crds() -> ::krate::Result<
        ::std::vec::Vec<::krate::__private::CustomResourceDefinition>,
    > {
        #[allow(unused_imports)]
        use ::krate::__private::{
            ForeignDefinition as _, NoDefinition as _, OwnDefinition as _,
        };
        (&&::krate::__private::DefinitionProbe::<Memcached>::new()).definitions()
    }
}
#[automatically_derived]
impl<D: Dns> ::krate::permission::Owns<Deployment> for MemcachedReconciler<D> {}
#[automatically_derived]
impl<D: Dns> ::krate::permission::Permits<::krate::permission::verb::get, Memcached>
for MemcachedReconciler<D> {}
#[automatically_derived]
impl<D: Dns> ::krate::permission::Permits<::krate::permission::verb::list, Memcached>
for MemcachedReconciler<D> {}
#[automatically_derived]
impl<D: Dns> ::krate::permission::Permits<::krate::permission::verb::watch, Memcached>
for MemcachedReconciler<D> {}
#[automatically_derived]
impl<D: Dns> ::krate::permission::Permits<::krate::permission::verb::update, Memcached>
for MemcachedReconciler<D> {}
#[automatically_derived]
impl<D: Dns> ::krate::permission::Permits<::krate::permission::verb::patch, Memcached>
for MemcachedReconciler<D> {}
#[automatically_derived]
impl<
    D: Dns,
> ::krate::permission::Permits<
    ::krate::permission::verb::get,
    ::krate::permission::subresource::Status<Memcached>,
> for MemcachedReconciler<D> {}
#[automatically_derived]
impl<
    D: Dns,
> ::krate::permission::Permits<
    ::krate::permission::verb::update,
    ::krate::permission::subresource::Status<Memcached>,
> for MemcachedReconciler<D> {}
#[automatically_derived]
impl<
    D: Dns,
> ::krate::permission::Permits<
    ::krate::permission::verb::patch,
    ::krate::permission::subresource::Status<Memcached>,
> for MemcachedReconciler<D> {}
#[automatically_derived]
impl<
    D: Dns,
> ::krate::permission::Permits<
    ::krate::permission::verb::update,
    ::krate::permission::subresource::Finalizers<Memcached>,
> for MemcachedReconciler<D> {}
#[automatically_derived]
impl<D: Dns> ::krate::permission::Permits<::krate::permission::verb::get, Deployment>
for MemcachedReconciler<D> {}
#[automatically_derived]
impl<D: Dns> ::krate::permission::Permits<::krate::permission::verb::list, Deployment>
for MemcachedReconciler<D> {}
#[automatically_derived]
impl<D: Dns> ::krate::permission::Permits<::krate::permission::verb::watch, Deployment>
for MemcachedReconciler<D> {}
#[automatically_derived]
impl<D: Dns> ::krate::permission::Permits<::krate::permission::verb::create, Deployment>
for MemcachedReconciler<D> {}
#[automatically_derived]
impl<D: Dns> ::krate::permission::Permits<::krate::permission::verb::patch, Deployment>
for MemcachedReconciler<D> {}
#[automatically_derived]
impl<D: Dns> ::krate::permission::Permits<::krate::permission::verb::delete, Deployment>
for MemcachedReconciler<D> {}
#[automatically_derived]
impl<D: Dns> ::krate::permission::Permits<::krate::permission::verb::get, Secret>
for MemcachedReconciler<D> {}
#[automatically_derived]
impl<D: Dns> ::krate::permission::Permits<::krate::permission::verb::list, Secret>
for MemcachedReconciler<D> {}
#[automatically_derived]
impl<D: Dns> ::krate::permission::Permits<::krate::permission::verb::watch, Secret>
for MemcachedReconciler<D> {}
#[automatically_derived]
impl<D: Dns> ::krate::permission::Permits<::krate::permission::verb::create, Secret>
for MemcachedReconciler<D> {}
#[automatically_derived]
impl<D: Dns> ::krate::permission::Permits<::krate::permission::verb::get, Node>
for MemcachedReconciler<D> {}
#[automatically_derived]
impl<D: Dns> ::krate::permission::Permits<::krate::permission::verb::list, Node>
for MemcachedReconciler<D> {}
#[automatically_derived]
impl<D: Dns> ::krate::permission::Permits<::krate::permission::verb::watch, Node>
for MemcachedReconciler<D> {}
#[automatically_derived]
impl<
    D: Dns,
> ::krate::permission::Permits<
    ::krate::permission::verb::create,
    ::krate::permission::subresource::Eviction<Pod>,
> for MemcachedReconciler<D> {}

"##]]
    );
}

#[test]
fn metadata_is_what_is_followed_and_the_object_what_is_owned() {
    let text =
        expanded("#[reconciler(for = A, owns(metadata(B)), watches(metadata(C), via = of_c))] struct Site;");
    // However the lines are broken.
    let text: String = text.split_whitespace().collect();
    for part in [
        ".owns::<::krate::cache::Metadata<B>>()",
        ".watches::<::krate::cache::Metadata<C>,_>(of_c)",
        ".with::<B>()",
        "::krate::permission::Owns<B>forSite{}",
        "::krate::permission::Permits<::krate::permission::verb::get,C>forSite{}",
        "::krate::permission::Permits<::krate::permission::verb::get,::krate::cache::Metadata<C>",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
}
