//! The tree of an expression; each node knows its place in the text.

use std::ops::Range;

/// An expression.
#[derive(Debug, Clone)]
pub(super) struct Expr {
    pub(super) at: Range<usize>,
    pub(super) node: Node,
}

/// What an expression is.
#[derive(Debug, Clone)]
pub(super) enum Node {
    Literal(Literal),
    /// A name by itself; with a leading dot or not.
    Name(String),
    /// `operand.field`, `operand.?field`.
    Select {
        operand: Box<Expr>,
        field: String,
        optional: bool,
    },
    /// `operand[index]`, `operand[?index]`.
    Index {
        operand: Box<Expr>,
        index: Box<Expr>,
        optional: bool,
    },
    /// `function(..)`, `target.function(..)`.
    Call {
        target: Option<Box<Expr>>,
        function: String,
        /// Where the function is named.
        named: Range<usize>,
        arguments: Vec<Expr>,
    },
    List(Vec<Expr>),
    Map(Vec<(Expr, Expr)>),
    /// `Name{field: value}`: no type of a custom resource has such a name.
    Message,
    Not(Box<Expr>),
    Negative(Box<Expr>),
    Binary {
        operator: Operator,
        /// Where the operator stands.
        sign: Range<usize>,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    Choice {
        condition: Box<Expr>,
        yes: Box<Expr>,
        no: Box<Expr>,
    },
}

/// A value as it is written.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Literal {
    Null,
    Bool,
    Int,
    Uint,
    Double,
    Text(String),
    Bytes,
}

/// An operator with two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    In,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl Operator {
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Or => "||",
            Self::And => "&&",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
            Self::In => "in",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
        }
    }

    /// How strongly it binds; the weakest first.
    pub(super) fn strength(self) -> u8 {
        match self {
            Self::Or => 1,
            Self::And => 2,
            Self::Equal
            | Self::NotEqual
            | Self::Less
            | Self::LessEqual
            | Self::Greater
            | Self::GreaterEqual
            | Self::In => 3,
            Self::Add | Self::Subtract => 4,
            Self::Multiply | Self::Divide | Self::Remainder => 5,
        }
    }
}

impl Expr {
    /// Whether a name is used anywhere inside.
    pub(super) fn mentions(&self, name: &str) -> bool {
        match &self.node {
            Node::Name(own) => own == name,
            _ => self.parts().into_iter().any(|part| part.mentions(name)),
        }
    }

    fn parts(&self) -> Vec<&Self> {
        match &self.node {
            Node::Literal(_) | Node::Name(_) | Node::Message => Vec::new(),
            Node::Select { operand, .. } => vec![operand],
            Node::Index { operand, index, .. } => vec![operand, index],
            Node::Call {
                target, arguments, ..
            } => target.iter().map(|it| &**it).chain(arguments).collect(),
            Node::List(items) => items.iter().collect(),
            Node::Map(entries) => entries.iter().flat_map(|(key, value)| [key, value]).collect(),
            Node::Not(inner) | Node::Negative(inner) => vec![inner],
            Node::Binary { left, right, .. } => vec![left, right],
            Node::Choice { condition, yes, no } => vec![condition, yes, no],
        }
    }
}
