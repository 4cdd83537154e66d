//! From tokens to a tree.

use std::ops::Range;

use super::Mistake;
use super::name::RESERVED;
use super::token::{Token, TokenKind, tokens};
use super::tree::{Expr, Literal, Node, Operator};

/// Expressions nested deeper than this are refused, as the API server does.
const DEEPEST: usize = 200;

/// Returns the tree of an expression.
pub(super) fn parse(text: &str) -> Result<Expr, Mistake> {
    let mut parser = Parser {
        tokens: tokens(text)?,
        place: 0,
        end: text.len(),
        depth: 0,
    };
    let expr = parser.expr()?;
    match parser.peek() {
        None => Ok(expr),
        Some(token) => Err(Mistake::new(
            token.at.clone(),
            "the expression ends before this: an operator is missing, or a bracket too many",
        )),
    }
}

struct Parser {
    tokens: Vec<Token>,
    place: usize,
    end: usize,
    depth: usize,
}

type Parsed<T = Expr> = Result<T, Mistake>;

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.place)
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.peek().cloned();
        self.place += 1;
        token
    }

    /// Takes a sign if it comes next.
    fn sign(&mut self, sign: &str) -> Option<Range<usize>> {
        let token = self.peek()?;
        let at = token.at.clone();
        let is = matches!(&token.kind, TokenKind::Sign(found) if *found == sign);
        self.place += usize::from(is);
        is.then_some(at)
    }

    fn wanted(&mut self, sign: &str) -> Parsed<Range<usize>> {
        self.sign(sign)
            .ok_or_else(|| self.mistake(&format!("`{sign}` is missing here")))
    }

    fn mistake(&self, message: &str) -> Mistake {
        let at = self.peek().map_or(self.end..self.end, |token| token.at.clone());
        Mistake::new(at, message)
    }

    fn expr(&mut self) -> Parsed {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.mistake("the expression is nested too deep"));
        }
        let condition = self.binary(1)?;
        let expr = if self.sign("?").is_some() {
            let yes = self.binary(1)?;
            self.wanted(":")?;
            let no = self.expr()?;
            let at = condition.at.start..no.at.end;
            let (condition, yes, no) = (Box::new(condition), Box::new(yes), Box::new(no));
            Expr {
                at,
                node: Node::Choice { condition, yes, no },
            }
        } else {
            condition
        };
        self.depth -= 1;
        Ok(expr)
    }

    fn binary(&mut self, weakest: u8) -> Parsed {
        let mut left = self.unary()?;
        while let Some((operator, sign)) = self.operator().filter(|(it, _)| it.strength() >= weakest) {
            self.place += 1;
            let right = self.binary(operator.strength() + 1)?;
            left = Expr {
                at: left.at.start..right.at.end,
                node: Node::Binary {
                    operator,
                    sign,
                    left: Box::new(left),
                    right: Box::new(right),
                },
            };
        }
        Ok(left)
    }

    fn operator(&self) -> Option<(Operator, Range<usize>)> {
        let token = self.peek()?;
        let operator = match &token.kind {
            TokenKind::Name(name) if name == "in" => Operator::In,
            TokenKind::Sign(sign) => match *sign {
                "||" => Operator::Or,
                "&&" => Operator::And,
                "==" => Operator::Equal,
                "!=" => Operator::NotEqual,
                "<" => Operator::Less,
                "<=" => Operator::LessEqual,
                ">" => Operator::Greater,
                ">=" => Operator::GreaterEqual,
                "+" => Operator::Add,
                "-" => Operator::Subtract,
                "*" => Operator::Multiply,
                "/" => Operator::Divide,
                "%" => Operator::Remainder,
                _ => return None,
            },
            _ => return None,
        };
        Some((operator, token.at.clone()))
    }

    fn unary(&mut self) -> Parsed {
        type Make = fn(Box<Expr>) -> Node;
        let makes: [(&str, Make); 2] = [("!", Node::Not), ("-", Node::Negative)];
        for (sign, make) in makes {
            if let Some(at) = self.sign(sign) {
                self.depth += 1;
                if self.depth > DEEPEST {
                    return Err(self.mistake("the expression is nested too deep"));
                }
                let inner = self.unary()?;
                self.depth -= 1;
                let at = at.start..inner.at.end;
                let node = make(Box::new(inner));
                return Ok(Expr { at, node });
            }
        }
        self.member()
    }

    fn member(&mut self) -> Parsed {
        let mut expr = self.primary()?;
        loop {
            expr = if self.sign(".").is_some() {
                self.selected(expr, false)?
            } else if self.sign(".?").is_some() {
                self.selected(expr, true)?
            } else if self.sign("[").is_some() {
                self.indexed(expr, false)?
            } else if self.sign("[?").is_some() {
                self.indexed(expr, true)?
            } else {
                return Ok(expr);
            };
        }
    }

    fn selected(&mut self, operand: Expr, optional: bool) -> Parsed {
        let Some(Token {
            kind: TokenKind::Name(name),
            at,
        }) = self.peek().cloned()
        else {
            return Err(self.mistake("a dot is followed by the name of a field or a function"));
        };
        if ["true", "false", "null", "in"].contains(&name.as_str()) {
            return Err(Mistake::new(
                at,
                format!("`{name}` is a word of the language: write `__{name}__` for the field"),
            ));
        }
        self.place += 1;
        let start = operand.at.start;
        let operand = Box::new(operand);
        if !optional && self.sign("(").is_some() {
            let arguments = self.list(")")?;
            return Ok(Expr {
                at: start..self.before(),
                node: Node::Call {
                    target: Some(operand),
                    function: name,
                    named: at,
                    arguments,
                },
            });
        }
        let field = name;
        Ok(Expr {
            at: start..at.end,
            node: Node::Select {
                operand,
                field,
                optional,
            },
        })
    }

    fn indexed(&mut self, operand: Expr, optional: bool) -> Parsed {
        let index = Box::new(self.expr()?);
        let end = self.wanted("]")?.end;
        let at = operand.at.start..end;
        let operand = Box::new(operand);
        let node = Node::Index {
            operand,
            index,
            optional,
        };
        Ok(Expr { at, node })
    }

    /// Where the token before this one ends.
    fn before(&self) -> usize {
        let last = self.place.checked_sub(1).and_then(|place| self.tokens.get(place));
        last.map_or(self.end, |token| token.at.end)
    }

    /// Reads expressions with commas up to a closing bracket.
    fn list(&mut self, close: &str) -> Parsed<Vec<Expr>> {
        let mut items = Vec::new();
        while self.sign(close).is_none() {
            // An item of a list may be optional.
            if close == "]" {
                let _ = self.sign("?");
            }
            items.push(self.expr()?);
            if self.sign(",").is_none() {
                self.wanted(close)?;
                break;
            }
        }
        Ok(items)
    }

    fn primary(&mut self) -> Parsed {
        let Some(token) = self.next() else {
            self.place -= 1;
            return Err(self.mistake("the expression ends where a value is wanted"));
        };
        let start = token.at.start;
        let node = match token.kind {
            TokenKind::Int => Node::Literal(Literal::Int),
            TokenKind::Uint => Node::Literal(Literal::Uint),
            TokenKind::Double => Node::Literal(Literal::Double),
            TokenKind::Text(text) => Node::Literal(Literal::Text(text)),
            TokenKind::Bytes => Node::Literal(Literal::Bytes),
            TokenKind::Name(name) => self.named(name, token.at)?,
            TokenKind::Sign("(") => {
                let inner = self.expr()?;
                self.wanted(")")?;
                inner.node
            }
            TokenKind::Sign("[") => Node::List(self.list("]")?),
            TokenKind::Sign("[?") => {
                self.place -= 1;
                if let Some(token) = self.tokens.get_mut(self.place) {
                    token.kind = TokenKind::Sign("?");
                }
                Node::List(self.list("]")?)
            }
            TokenKind::Sign("{") => Node::Map(self.entries(false)?),
            TokenKind::Sign("{?") => Node::Map(self.entries(true)?),
            TokenKind::Sign(".") => return self.primary(),
            TokenKind::Sign(sign) => {
                self.place -= 1;
                return Err(self.mistake(&format!("a value is wanted here, and `{sign}` is none")));
            }
        };
        Ok(Expr {
            at: start..self.before(),
            node,
        })
    }

    fn named(&mut self, name: String, at: Range<usize>) -> Parsed<Node> {
        match name.as_str() {
            "true" | "false" => return Ok(Node::Literal(Literal::Bool)),
            "null" => return Ok(Node::Literal(Literal::Null)),
            word if RESERVED.contains(&word) => {
                return Err(Mistake::new(
                    at,
                    format!("`{name}` is a word of the language, and names nothing"),
                ));
            }
            _ => {}
        }
        if self.sign("(").is_some() {
            let arguments = self.list(")")?;
            return Ok(Node::Call {
                target: None,
                function: name,
                named: at,
                arguments,
            });
        }
        if self.sign("{").is_some() {
            self.entries(false)?;
            return Ok(Node::Message);
        }
        Ok(Node::Name(name))
    }

    fn entries(&mut self, mut optional: bool) -> Parsed<Vec<(Expr, Expr)>> {
        let mut entries = Vec::new();
        while optional || self.sign("}").is_none() {
            if !optional {
                let _ = self.sign("?");
            }
            optional = false;
            let key = self.expr()?;
            self.wanted(":")?;
            entries.push((key, self.expr()?));
            if self.sign(",").is_none() {
                self.wanted("}")?;
                break;
            }
        }
        Ok(entries)
    }
}
