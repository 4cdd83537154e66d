//! Parsing and evaluating expressions.

use kube_cel::KubeCelExt as _;
use kube_cel::cel::common::ast::IdedExpr;
use kube_cel::cel::parser::Parser;
use kube_cel::cel::{Context, ExecutionError, ResolveResult, Value};

/// Types an expression can name.
pub(super) const TYPES: [&str; 11] = [
    "bool",
    "bytes",
    "double",
    "duration",
    "int",
    "list",
    "map",
    "null_type",
    "string",
    "timestamp",
    "uint",
];

/// Returns the expression a text is.
///
/// # Errors
/// The compiler's complaint, laid out as the real server's.
pub(super) fn parse(text: &str) -> Result<IdedExpr, String> {
    let parsed = Parser::new().enable_optional_syntax(true).parse(text);
    parsed.map_err(|errors| errors.to_string().replace("\n| ", "\n | "))
}

/// Returns what expressions are evaluated in: the functions they may call.
pub(super) fn context() -> Context<'static> {
    let mut context = Context::default().with_all();
    context.add_function("dyn", |value: Value| -> ResolveResult { Ok(value) });
    context.add_function("type", |value: Value| -> ResolveResult {
        Ok(type_name(&value).into())
    });
    for name in TYPES {
        context.add_variable_from_value(name, name);
    }
    context
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Bool(_) => "bool",
        Value::Bytes(_) => "bytes",
        Value::Float(_) => "double",
        Value::Int(_) => "int",
        Value::List(_) => "list",
        Value::Map(_) => "map",
        Value::Null => "null_type",
        Value::String(_) => "string",
        Value::UInt(_) => "uint",
        Value::Duration(_) => "duration",
        Value::Timestamp(_) => "timestamp",
        _ => "dyn",
    }
}

/// Returns the value of a call with one text, for values that only a function makes.
pub(super) fn call(context: &Context<'_>, function: &str, text: &str) -> Option<Value> {
    let mut scope = context.new_inner_scope();
    scope.add_variable_from_value("text", text);
    let expression = parse(&format!("{function}(text)")).ok()?;
    scope.resolve(&expression).ok()
}

/// Returns `value` as an optional, `None` as the empty one.
pub(super) fn optional(context: &Context<'_>, value: Option<&Value>) -> Value {
    let mut scope = context.new_inner_scope();
    let text = match value {
        Some(value) => {
            scope.add_variable_from_value("value", value.clone());
            "optional.of(value)"
        }
        None => "optional.none()",
    };
    let made = parse(text)
        .ok()
        .and_then(|expression| scope.resolve(&expression).ok());
    made.unwrap_or(Value::Null)
}

/// Returns an evaluation error in the words of the real server.
pub(super) fn complaint(error: &ExecutionError) -> String {
    match error {
        ExecutionError::DivisionByZero(_) => "division by zero".to_owned(),
        ExecutionError::RemainderByZero(_) => "modulus by zero".to_owned(),
        ExecutionError::Overflow(..) => "integer overflow".to_owned(),
        ExecutionError::NoSuchKey(key) => format!("no such key: {key}"),
        ExecutionError::FunctionError { function, .. } if function == "quantity" => {
            "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
                .to_owned()
        }
        ExecutionError::FunctionError { message, .. } => message.clone(),
        other => {
            let text = other.to_string();
            let mut characters = text.chars();
            let first = characters.next().map(|first| first.to_ascii_lowercase());
            first.into_iter().chain(characters).collect()
        }
    }
}
