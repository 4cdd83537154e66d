//! Operators with two sides.

use std::ops::Range;

use super::Checker;
use crate::cel::tree::{Expr, Operator};
use crate::wire::{Mask, Question, Value};

const NUMBERS: Mask = Mask::INTEGER.or(Mask::UNSIGNED).or(Mask::NUMBER);
const CLOCK: Mask = Mask::TIME.or(Mask::DURATION);
/// What has an order.
pub(super) const ORDERED: Mask = NUMBERS.or(Mask::BOOL).or(Mask::TEXT).or(Mask::BYTES).or(CLOCK);
const OBJECTS: Mask = Mask::MAP.or(Mask::OBJECT);
/// Values of Kubernetes' libraries, which have methods in place of operators.
const METHODS: Mask = Mask::QUANTITY.or(Mask::SEMVER);
/// What the API server lets be compared with null: not what is a plain value, a list or a map, whether nullable or not.
const NULLABLE: Mask = Mask::ALL.without(
    NUMBERS
        .or(Mask::BOOL)
        .or(Mask::TEXT)
        .or(Mask::BYTES)
        .or(Mask::LIST)
        .or(Mask::MAP),
);
const NO_NULL: &str = "null is never equal to a plain value, a list or a map: ask `has(..)`";

impl Checker<'_> {
    pub(super) fn binary(
        &mut self,
        operator: Operator,
        sign: &Range<usize>,
        left: &Expr,
        right: &Expr,
    ) -> Value {
        match operator {
            Operator::And | Operator::Or => {
                let wish = format!("`{}` joins booleans", operator.sign());
                self.wanted(left, Mask::BOOL, &wish);
                self.wanted(right, Mask::BOOL, &wish);
                Value::Kind(Mask::BOOL)
            }
            Operator::Equal | Operator::NotEqual => self.equal(operator, sign, left, right),
            Operator::Less | Operator::LessEqual | Operator::Greater | Operator::GreaterEqual => {
                self.ordered(operator, sign, left, right)
            }
            Operator::In => self.within(left, right),
            _ => self.arithmetic(operator, sign, left, right),
        }
    }

    fn equal(&mut self, operator: Operator, sign: &Range<usize>, left: &Expr, right: &Expr) -> Value {
        let (one, other) = (self.value(left), self.value(right));
        let whole = left.at.start..right.at.end;
        let wish = format!("`{}` compares values of one type", operator.sign());
        let is_null = |value: &Value| value.kind() == Mask::NULL;
        match (&one, &other) {
            (null, value) if is_null(null) => self.expect(value, NULLABLE, NO_NULL, &right.at),
            (value, null) if is_null(null) => self.expect(value, NULLABLE, NO_NULL, &left.at),
            (Value::Foreign(one), Value::Foreign(other)) => {
                let places = [one.clone(), other.clone()];
                self.ask_same(places, false, wish, &whole);
            }
            (Value::Foreign(_), known) => self.like(&one, like(known.kind()), known, &wish, &left.at),
            (known, Value::Foreign(_)) => self.like(&other, like(known.kind()), known, &wish, &right.at),
            (one, other) => {
                if !like(one.kind()).meets(other.kind()) {
                    self.differ(sign, &wish, one, other);
                }
            }
        }
        Value::Kind(Mask::BOOL)
    }

    fn ordered(&mut self, operator: Operator, sign: &Range<usize>, left: &Expr, right: &Expr) -> Value {
        let (one, other) = (self.value(left), self.value(right));
        let whole = left.at.start..right.at.end;
        let wish = format!("`{}` compares values of one type", operator.sign());
        let alike = |kind: Mask| {
            if kind.meets(NUMBERS) && kind != Mask::ALL {
                NUMBERS
            } else {
                kind
            }
        };
        for (value, expr) in [(&one, left), (&other, right)] {
            let kind = value.kind();
            if kind != Mask::ALL && kind.meets(METHODS) {
                let message = format!(
                    "`{}` does not compare {}: write `.isLessThan(..)`, `.isGreaterThan(..)` or `.compareTo(..)`",
                    operator.sign(),
                    kind.name()
                );
                self.mistake(&expr.at, message);
                return Value::Kind(Mask::BOOL);
            }
            if !matches!(value, Value::Foreign(_)) {
                let wish = format!("`{}` compares numbers, texts and times", operator.sign());
                self.expect(value, ORDERED, &wish, &expr.at);
            }
        }
        match (&one, &other) {
            (Value::Foreign(one), Value::Foreign(other)) => {
                let places = [one.clone(), other.clone()];
                self.ask_same(places, true, wish, &whole);
            }
            (Value::Foreign(_), known) => self.like(&one, alike(known.kind()), known, &wish, &left.at),
            (known, Value::Foreign(_)) => self.like(&other, alike(known.kind()), known, &wish, &right.at),
            (one, other) => {
                let both = one.kind().meets(ORDERED) && other.kind().meets(ORDERED);
                if both && !alike(one.kind()).meets(alike(other.kind())) {
                    self.differ(sign, &wish, one, other);
                }
            }
        }
        Value::Kind(Mask::BOOL)
    }

    fn within(&mut self, left: &Expr, right: &Expr) -> Value {
        let item = self.value(left);
        let many = self.wanted(right, Mask::LIST.or(Mask::MAP), "`in` looks into a list or a map");
        let part = match &many {
            Value::List(part) => (**part).clone(),
            Value::Map(_) => Value::Kind(Mask::TEXT),
            _ => Value::Any,
        };
        let wish = "`in` looks for a value of the items' type";
        match (&item, &part) {
            (Value::Foreign(_), known) => self.like(&item, like(known.kind()), known, wish, &left.at),
            (_, Value::Foreign(_)) => {}
            (item, part) => {
                if !like(item.kind()).meets(part.kind()) {
                    self.differ(&left.at, wish, item, part);
                }
            }
        }
        Value::Kind(Mask::BOOL)
    }

    fn arithmetic(&mut self, operator: Operator, sign: &Range<usize>, left: &Expr, right: &Expr) -> Value {
        let (kinds, wish) = match operator {
            Operator::Add => (
                NUMBERS.or(CLOCK).or(Mask::TEXT).or(Mask::BYTES).or(Mask::LIST),
                "`+` adds values of one type",
            ),
            Operator::Subtract => (NUMBERS.or(CLOCK), "`-` subtracts values of one type"),
            Operator::Remainder => (
                Mask::INTEGER.or(Mask::UNSIGNED),
                "`%` divides whole numbers of one type",
            ),
            Operator::Multiply => (NUMBERS, "`*` multiplies numbers of one type"),
            _ => (NUMBERS, "`/` divides numbers of one type"),
        };
        let (one, other) = (self.value(left), self.value(right));
        for (value, against, expr) in [(&one, &other, left), (&other, &one, right)] {
            let against = against.kind();
            let wanted = match against.meets(CLOCK) || !against.meets(kinds) {
                true => kinds,
                // What is known of one side is wanted of the other, if only the compiler knows that.
                false => against,
            };
            match value {
                Value::Foreign(_) => self.expect(value, wanted, wish, &expr.at),
                value => self.expect(value, kinds, wish, &expr.at),
            }
        }
        self.sum(&one, &other, wish, (operator, sign))
    }

    fn sum(
        &mut self,
        one: &Value,
        other: &Value,
        wish: &str,
        (operator, sign): (Operator, &Range<usize>),
    ) -> Value {
        let (a, b) = (one.kind(), other.kind());
        if a == Mask::ALL || b == Mask::ALL {
            let known = if a == Mask::ALL { other } else { one };
            return match known.kind().meets(CLOCK) || matches!(known, Value::Foreign(_)) {
                true => Value::Any,
                false => known.clone(),
            };
        }
        if a.meets(CLOCK) && b.meets(CLOCK) {
            let both = a == Mask::TIME && b == Mask::TIME;
            let subtracted = operator == Operator::Subtract;
            return match (a.or(b), both && subtracted) {
                (_, true) => Value::Kind(Mask::DURATION),
                (kinds, _) if kinds.meets(Mask::TIME) => Value::Kind(Mask::TIME),
                _ => Value::Kind(Mask::DURATION),
            };
        }
        if !a.meets(b) {
            self.differ(sign, wish, one, other);
            return Value::Any;
        }
        one.clone()
    }

    fn ask_same(&mut self, places: [crate::wire::Foreign; 2], mixed: bool, wish: String, at: &Range<usize>) {
        let at = super::snippet::snippet(self.text, at);
        self.checked.questions.push(Question::Same {
            places,
            mixed,
            wish,
            at,
        });
    }

    /// Wants a value that the compiler knows to be as another that is known.
    fn like(&mut self, value: &Value, kinds: Mask, known: &Value, wish: &str, at: &Range<usize>) {
        if kinds == Mask::ALL {
            return;
        }
        let wish = format!("{wish}, here with {}", known.kind().name());
        self.expect(value, kinds, &wish, at);
    }

    fn differ(&mut self, at: &Range<usize>, wish: &str, one: &Value, other: &Value) {
        let (a, b) = (one.kind(), other.kind());
        let texts = [a, b].contains(&Mask::TEXT);
        let help = match (a.or(b).without(Mask::TEXT), texts) {
            (rest, true) if rest.meets(NUMBERS) => {
                ": make the number a text with `string(..)`, or the text a number with `int(..)`"
            }
            (Mask::TIME, true) => ": make the text a time with `timestamp(..)`",
            (Mask::DURATION, true) => ": make the text a duration with `duration(..)`",
            (rest, false) if rest.without(NUMBERS) == Mask::INTEGER.without(NUMBERS) => {
                ": make them one with `double(..)` or `int(..)`"
            }
            _ => "",
        };
        let message = format!("{wish}, and these are {} and {}{help}", a.name(), b.name());
        self.mistake(at, message);
    }
}

/// The kinds that equal values of a kind may be of.
fn like(kind: Mask) -> Mask {
    match kind.meets(OBJECTS) && kind != Mask::ALL {
        true => OBJECTS,
        false => kind,
    }
}
