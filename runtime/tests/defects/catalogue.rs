//! Which test stands for which defect.

use std::fs;
use std::path::Path;

struct Defect {
    id: &'static str,
    /// What goes wrong elsewhere.
    what: &'static str,
    /// File and name of each test.
    tests: &'static [(&'static str, &'static str)],
}

const fn defect(
    id: &'static str,
    what: &'static str,
    tests: &'static [(&'static str, &'static str)],
) -> Defect {
    Defect { id, what, tests }
}

/// `F`: kube's controller; `C`: controller-runtime.
const DEFECTS: [Defect; 20] = [
    defect(
        "F1",
        "objects starve under bounded concurrency",
        &[
            (
                "tests/defects/queueing.rs",
                "f01_no_object_starves_however_busy_the_workers_are",
            ),
            ("src/queue/state_tests.rs", "f1_a_busy_queue_starves_no_key"),
        ],
    ),
    defect(
        "F2",
        "one failing trigger pauses the others",
        &[(
            "tests/defects/triggers.rs",
            "f02_a_watch_that_fails_delays_no_other_and_heals",
        )],
    ),
    defect(
        "F3",
        "deletes are lost across a relist",
        &[(
            "tests/defects/triggers.rs",
            "f03_an_object_deleted_while_the_watch_was_down_still_triggers_its_owner",
        )],
    ),
    defect(
        "F4",
        "shared streams hang, or drop deletes",
        &[(
            "tests/defects/streams.rs",
            "f04_controllers_that_share_a_watch_see_deletes_and_never_hang",
        )],
    ),
    defect(
        "F5",
        "a panic kills the controller",
        &[(
            "tests/defects/runs.rs",
            "f05_a_panic_is_counted_and_backed_off_and_stays_with_its_object",
        )],
    ),
    defect(
        "F6",
        "one undecodable object blocks the list",
        &[
            (
                "tests/defects/streams.rs",
                "f06_an_object_that_does_not_decode_costs_a_count_and_delays_nobody",
            ),
            (
                "tests/engine/informers.rs",
                "an_object_that_became_unreadable_stays_as_it_was_over_a_relist_until_it_is_deleted",
            ),
        ],
    ),
    defect(
        "F7",
        "each attempt resets the back-off",
        &[
            (
                "tests/defects/streams.rs",
                "f07_lists_that_fail_are_tried_less_and_less_often",
            ),
            (
                "tests/engine/informers.rs",
                "f7_watches_that_are_of_no_use_are_tried_less_and_less_often",
            ),
        ],
    ),
    defect(
        "F8",
        "there is no back-off per key, and an event ends it",
        &[
            (
                "tests/defects/queueing.rs",
                "f08_each_object_backs_off_by_itself_and_success_starts_over",
            ),
            (
                "tests/engine/controllers.rs",
                "f8_an_event_ends_a_back_off_and_keeps_the_count",
            ),
        ],
    ),
    defect(
        "F9",
        "there is no manager: what runs beside controllers has no order",
        &[
            (
                "tests/engine/operators.rs",
                "everything_starts_in_order_and_stops_in_order_with_the_lease_last",
            ),
            (
                "tests/engine/operators.rs",
                "the_caches_are_there_before_tasks_and_no_run_starts_before_the_election",
            ),
        ],
    ),
    defect(
        "F10",
        "deleted keys never reach the reconciler",
        &[(
            "tests/defects/triggers.rs",
            "f10_the_reconciler_learns_of_a_key_that_is_gone",
        )],
    ),
    defect(
        "F11",
        "definitions of idiomatic types panic or are refused",
        &[(
            "../testing/tests/schema.rs",
            "the_embedded_api_server_accepts_what_rust_types_become",
        )],
    ),
    defect(
        "F12",
        "a cluster-scoped owner runs several times at once",
        &[(
            "tests/defects/queueing.rs",
            "f12_a_cluster_scoped_owner_runs_once_at_a_time_wherever_its_children_are",
        )],
    ),
    defect(
        "F13",
        "a change of the owner's version orphans children",
        &[(
            "tests/defects/triggers.rs",
            "f13_a_child_that_names_an_older_version_of_its_owners_group_still_triggers_it",
        )],
    ),
    defect(
        "F14",
        "of two that wait for a cache one waits for ever",
        &[(
            "tests/defects/streams.rs",
            "f14_any_number_of_tasks_may_wait_for_a_cache",
        )],
    ),
    defect(
        "C1",
        "strict priority starves the first list",
        &[
            (
                "tests/defects/queueing.rs",
                "c1_objects_of_the_first_list_run_however_many_others_change",
            ),
            (
                "src/queue/state_tests.rs",
                "a_lower_level_progresses_however_many_urgent_keys_arrive",
            ),
        ],
    ),
    defect(
        "C2",
        "a pending requeue is lost",
        &[(
            "tests/defects/queueing.rs",
            "c2_a_requeue_is_lost_to_no_event_and_no_failure",
        )],
    ),
    defect(
        "C3",
        "contexts are cancelled before runs could finish",
        &[(
            "tests/defects/shutdown.rs",
            "c3_a_run_that_was_begun_finishes_its_requests_after_a_stop_was_asked_for",
        )],
    ),
    defect(
        "C4",
        "names of controllers are global to the process",
        &[
            (
                "tests/defects/shutdown.rs",
                "c4_a_controllers_name_is_free_again_in_the_next_operator_and_in_another",
            ),
            (
                "tests/engine/operators.rs",
                "two_operators_live_in_one_process_without_knowing_of_each_other",
            ),
        ],
    ),
    defect(
        "C5",
        "handlers outlive their controller",
        &[
            ("tests/defects/shutdown.rs", "c5_no_handler_outlives_its_operator"),
            (
                "tests/engine/operators.rs",
                "an_operator_that_ended_leaves_nothing_behind",
            ),
        ],
    ),
    defect(
        "C6",
        "a second shutdown panics",
        &[
            (
                "tests/engine/operators.rs",
                "stopping_works_at_any_time_and_twice",
            ),
            (
                "src/queue/state_tests.rs",
                "a_closed_queue_hands_nothing_out_and_lets_runs_finish",
            ),
        ],
    ),
];

#[test]
fn every_defect_has_its_test() {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    for Defect { id, what, tests } in &DEFECTS {
        assert!(!tests.is_empty(), "{id}: {what}");
        for (file, test) in *tests {
            let text = fs::read_to_string(home.join(file)).unwrap();
            assert!(
                text.contains(&format!("fn {test}(")),
                "{id} ({what}): `{test}` is not in {file}"
            );
        }
    }
}
