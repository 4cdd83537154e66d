//! What rules may cost, each by itself and all of a schema together.

/// The most a rule may cost.
const OF_A_RULE: u64 = 10_000_000;
/// The most the rules of one schema may cost together.
const OF_A_SCHEMA: u64 = 100_000_000;
/// How many of the dearest rules are named.
const NAMED: usize = 4;

/// What the rules of one schema cost so far.
#[derive(Debug, Default)]
pub(crate) struct Budget {
    total: u64,
    /// Places of the dearest rules, with their cost, dearest first.
    dearest: Vec<(String, u64)>,
}

impl Budget {
    /// Adds an expression, and returns what is to be said if it is too dear by itself.
    pub(crate) fn spend(&mut self, what: &str, place: &str, cost: u64) -> Option<String> {
        self.total = self.total.saturating_add(cost);
        if cost >= OF_A_SCHEMA / 100 {
            self.dearest.push((place.to_owned(), cost));
            self.dearest.sort_by_key(|(_, cost)| std::cmp::Reverse(*cost));
            self.dearest.truncate(NAMED);
        }
        (cost > OF_A_RULE).then(|| exceeded(&format!("estimated {what} cost"), cost, OF_A_RULE))
    }

    /// Returns what is to be said if all are too dear together: the places to blame, and the text for the schema.
    pub(crate) fn overdrawn(self) -> Option<(Vec<String>, String)> {
        let what = "x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema";
        let places = self.dearest.into_iter().map(|(place, _)| place);
        (self.total > OF_A_SCHEMA).then(|| (places.collect(), exceeded(what, self.total, OF_A_SCHEMA)))
    }
}

#[expect(clippy::cast_precision_loss, reason = "the factor is told with few digits")]
fn exceeded(what: &str, cost: u64, limit: u64) -> String {
    let factor = cost as f64 / limit as f64;
    let factor = if factor > 100.0 {
        "more than 100x".to_owned()
    } else if factor < 1.5 {
        format!("{factor:.6}x")
    } else {
        format!("{factor:.1}x")
    };
    format!(
        "{what} exceeds budget by factor of {factor} (try simplifying the rule, or adding maxItems, maxProperties, and \
         maxLength where arrays, maps, and strings are declared)"
    )
}
