//! The bounds of histograms: those of controller-runtime and client-go, so that queries of quantiles keep working.

/// Bounds for the time of a reconcile, in seconds.
pub(super) const RECONCILE: [f64; 40] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.25,
    1.5, 1.75, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 15.0, 20.0, 25.0, 30.0, 40.0,
    50.0, 60.0,
];

/// Bounds for the time of a request to the API server, in seconds.
pub(super) const REQUEST: [f64; 12] = [0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0];

/// Bounds for the size of a request or an answer, in bytes.
pub(super) const SIZE: [f64; 11] = [
    64.0,
    256.0,
    512.0,
    1024.0,
    4096.0,
    16384.0,
    65536.0,
    262_144.0,
    1_048_576.0,
    4_194_304.0,
    16_777_216.0,
];

/// Bounds for times of queues and webhooks, in seconds: twelve, from ten nanoseconds, each ten times the last.
///
/// Multiplied one by one as client-go does it: the texts of the bounds are labels, and `9.999999999999999e-06` is one.
pub(super) fn fine() -> impl Iterator<Item = f64> {
    std::iter::successors(Some(10e-9), |bound| Some(bound * 10.0)).take(12)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_rise() {
        let fine: Vec<f64> = fine().collect();
        for bounds in [&RECONCILE[..], &REQUEST, &SIZE, &fine] {
            assert!(bounds.windows(2).all(|pair| pair[0] < pair[1]), "{bounds:?}");
        }
        assert_eq!(fine.len(), 12);
    }
}
