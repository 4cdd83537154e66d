//! What must not compile, and what the compiler then says.

#[test]
fn mistakes_are_told_at_the_token_to_change() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*.rs");
    cases.compile_fail("tests/ui/custom_resource/*.rs");
    cases.compile_fail("tests/ui/kube_schema/*.rs");
}
