//! What must not compile, and what the compiler then says.

#[test]
fn mistakes_are_told_at_the_token_to_change() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
