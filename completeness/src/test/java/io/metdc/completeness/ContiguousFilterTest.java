package io.metdc.completeness;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContiguousFilterTest {
    private static final Duration PATIENCE = Duration.ofSeconds(1);
    private static final long PATIENCE_NANOS = PATIENCE.toNanos();

    private final ContiguousFilter filter = new ContiguousFilter(PATIENCE);

    /// One number after the other, each executed at 10 times its number.
    private void see(long... sequences) {
        for (long sequence : sequences) {
            assertThat(filter.check(sequence)).isNotEqualTo(Verdict.DUPLICATE);
            filter.seen(sequence, sequence * 10, 0);
        }
    }

    private static String text(Gap gap) {
        return gap.cause + " " + gap.from + "-" + gap.to + " missing " + gap.missing + " between " + gap.beforeNanos
                + " and " + gap.afterNanos;
    }

    /// Everything that is due now, reported with it.
    private List<String> due(long ticks) {
        List<String> all = new ArrayList<>();
        Gap gap;
        while ((gap = filter.due(ticks)) != null) {
            all.add(text(gap));
            filter.reported(gap);
        }
        return all;
    }

    @Test
    void the_first_number_opens_no_hole_backwards() {
        see(8_100_000_000L, 8_100_000_001L);

        assertThat(filter.hasUnreported()).isFalse();
        assertThat(filter.check(8_099_999_999L)).isEqualTo(Verdict.UNSURE);
    }

    @Test
    void zero_is_a_number_like_any_other() {
        assertThat(filter.check(0)).isEqualTo(Verdict.NEW);
        see(0, 1);
        assertThat(filter.check(0)).isEqualTo(Verdict.DUPLICATE);
    }

    @Test
    void a_number_is_seen_only_when_it_was_marked() {
        see(1);
        assertThat(filter.check(2)).isEqualTo(Verdict.NEW);
        assertThat(filter.check(2)).isEqualTo(Verdict.NEW);
        see(2);
        assertThat(filter.check(2)).isEqualTo(Verdict.DUPLICATE);
    }

    @Test
    void a_row_without_a_number_is_left_to_the_database() {
        see(1);
        assertThat(filter.check(-1)).isEqualTo(Verdict.UNSURE);
        assertThat(filter.seen(-1, 10, 0)).isFalse();
        assertThat(filter.check(2)).isEqualTo(Verdict.NEW);
        assertThat(filter.hasUnreported()).isFalse();
    }

    @Test
    void a_number_that_comes_within_the_patience_leaves_no_hole() {
        see(1, 2, 5);
        assertThat(due(PATIENCE_NANOS - 1)).isEmpty();
        see(4, 3);
        assertThat(due(PATIENCE_NANOS * 10)).isEmpty();
        assertThat(filter.hasUnreported()).isFalse();
    }

    @Test
    void a_number_that_does_not_is_a_hole_with_its_neighbours() {
        see(1, 2, 7);

        assertThat(due(PATIENCE_NANOS)).containsExactly("missing_ids 3-6 missing 4 between 20 and 70");
        assertThat(due(PATIENCE_NANOS * 2)).isEmpty(); // once
        assertThat(filter.holes()).isEqualTo(1);
    }

    @Test
    void what_comes_in_the_middle_of_a_gap_makes_it_two() {
        see(1, 9, 5, 2, 8);

        assertThat(due(PATIENCE_NANOS))
                .containsExactly(
                        "missing_ids 3-4 missing 2 between 20 and 50", "missing_ids 6-7 missing 2 between 50 and 80");
    }

    @Test
    void what_comes_after_the_hole_was_reported_is_found() {
        see(1, 5);
        due(PATIENCE_NANOS);
        assertThat(filter.seen(3, 30, 0)).isTrue();
        assertThat(filter.check(3)).isEqualTo(Verdict.DUPLICATE);
        assertThat(filter.seen(2, 20, 0)).isTrue();
        assertThat(filter.holes()).isEqualTo(1);
        assertThat(filter.seen(4, 40, 0)).isTrue();
        assertThat(filter.holes()).isZero();
        assertThat(filter.seen(6, 60, 0)).isFalse();
    }

    @Test
    void what_is_missing_right_after_a_restart_says_so() {
        see(1, 2);
        filter.restarted();
        see(5, 7);

        assertThat(due(PATIENCE_NANOS))
                .containsExactly(
                        "restart 3-4 missing 2 between 20 and 50", "missing_ids 6-6 missing 1 between 50 and 70");
    }

    @Test
    void after_a_restart_without_a_loss_there_is_no_hole() {
        see(1, 2);
        filter.restarted();
        assertThat(filter.check(2)).isEqualTo(Verdict.DUPLICATE);
        see(3, 4, 6);

        assertThat(due(PATIENCE_NANOS)).containsExactly("missing_ids 5-5 missing 1 between 40 and 60");
    }

    @Test
    void rows_that_found_no_room_are_a_hole_as_far_as_they_do_not_come_otherwise() {
        see(1, 2);
        filter.lost(3, 8, 30, 80, 0);
        see(4, 5);

        assertThat(due(PATIENCE_NANOS))
                .containsExactly("overflow 3-3 missing 1 between 20 and 40", "overflow 6-8 missing 3 between 50 and 0");
        see(9);
        assertThat(filter.hasUnreported()).isFalse();
        assertThat(filter.check(7)).isEqualTo(Verdict.LATE);
    }

    @Test
    void rows_that_found_no_room_but_were_seen_otherwise_are_no_hole() {
        see(1, 2, 3, 4);
        filter.lost(2, 4, 20, 40, 0);

        assertThat(filter.hasUnreported()).isFalse();
        assertThat(filter.check(3)).isEqualTo(Verdict.DUPLICATE);
    }

    @Test
    void rows_that_found_no_room_before_any_other_are_a_hole() {
        filter.lost(5, 6, 50, 60, 0);
        see(7);

        assertThat(due(PATIENCE_NANOS)).containsExactly("overflow 5-6 missing 2 between 0 and 0");
    }

    @Test
    void gaps_are_bounded_and_the_forgotten_ones_are_reported_together() {
        for (int i = 0; i <= 1_000; i++) {
            see(i * 3L); // two missing after each
        }
        List<String> reported = due(PATIENCE_NANOS);

        assertThat(reported).hasSize(ContiguousFilter.MOST_GAPS + 1);
        assertThat(reported.getFirst()).isEqualTo("missing_ids 1-2807 missing 1872 between 0 and 28080");
        assertThat(reported.get(1)).isEqualTo("missing_ids 2809-2810 missing 2 between 28080 and 28110");
        assertThat(filter.check(1)).isEqualTo(Verdict.UNSURE);
        assertThat(filter.check(3)).isEqualTo(Verdict.UNSURE);
        assertThat(filter.check(2_809)).isEqualTo(Verdict.LATE);
        assertThat(filter.check(2_811)).isEqualTo(Verdict.DUPLICATE);
    }

    @Test
    void a_senseless_number_hides_nothing() {
        see(1, 2, Long.MAX_VALUE);
        assertThat(filter.check(3)).isEqualTo(Verdict.UNSURE); // the database's key decides
        see(3, 4);
        assertThat(filter.check(3)).isEqualTo(Verdict.UNSURE);
        assertThat(filter.check(5)).isEqualTo(Verdict.UNSURE);
        assertThat(due(PATIENCE_NANOS)).hasSize(1);
    }

    @Test
    void it_comes_back_from_what_was_saved() throws Exception {
        see(1, 5, 9);
        filter.reported(filter.due(PATIENCE_NANOS));
        ContiguousFilter back = copy(filter);

        assertThat(back.holes()).isEqualTo(1);
        assertThat(back.check(2)).isEqualTo(Verdict.LATE);
        assertThat(back.check(5)).isEqualTo(Verdict.DUPLICATE);
        assertThat(back.check(10)).isEqualTo(Verdict.NEW);
        Gap due = back.due(System.nanoTime() + PATIENCE_NANOS);
        assertThat(text(due)).isEqualTo("missing_ids 6-8 missing 3 between 50 and 90");
    }

    private static ContiguousFilter copy(ContiguousFilter from) throws IOException {
        ByteArrayOutputStream saved = new ByteArrayOutputStream();
        from.save(new DataOutputStream(saved));
        ContiguousFilter copy = new ContiguousFilter(PATIENCE);
        copy.restore(new DataInputStream(new ByteArrayInputStream(saved.toByteArray())));
        return copy;
    }

    /// Against a set that remembers everything: what is called a duplicate was seen, what is called new was
    /// not, and every number that is missing in the end was reported.
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 20_261_121})
    void it_agrees_with_a_set_that_forgets_nothing(long seed) throws Exception {
        Random random = new Random(seed);
        ContiguousFilter tried = new ContiguousFilter(PATIENCE);
        Set<Long> seen = new HashSet<>();
        List<long[]> reported = new ArrayList<>();
        long first = random.nextInt(1_000);
        long next = first;
        long ticks = 0;
        int unsure = 0;
        int duplicates = 0;
        for (int i = 0; i < 700_000; i++) {
            ticks += random.nextInt(2_000_000);
            long sequence;
            int kind = random.nextInt(1_000);
            if (kind < 800) {
                sequence = next++;
            } else if (kind < 950) { // again, or reordered
                sequence = Math.max(0, next - 1 - random.nextInt(40));
            } else if (kind < 953) { // a loss
                next += 1 + random.nextInt(200);
                sequence = next++;
            } else if (kind < 990) { // a refill of what was lost
                List<long[]> holes = reported.subList(Math.max(0, reported.size() - 20), reported.size());
                long[] hole = holes.isEmpty() ? new long[] {first, next} : holes.get(random.nextInt(holes.size()));
                sequence = hole[0] + random.nextLong(hole[1] - hole[0] + 1);
            } else if (kind < 999) {
                sequence = random.nextLong(next + 1);
            } else {
                tried = copy(tried);
                tried.restarted();
                ticks = System.nanoTime(); // its clock began anew
                continue;
            }
            Verdict verdict = tried.check(sequence);
            switch (verdict) {
                case NEW, LATE -> assertThat(seen.contains(sequence)).isFalse();
                case DUPLICATE -> {
                    assertThat(seen.contains(sequence)).isTrue();
                    duplicates++;
                }
                case UNSURE -> unsure++;
            }
            if (verdict != Verdict.DUPLICATE && random.nextInt(100) != 0) { // else its append failed
                tried.seen(sequence, sequence, ticks);
                seen.add(sequence);
                next = Math.max(next, sequence + 1);
            }
            if (i % 50 == 0) {
                report(tried, ticks, reported);
            }
        }
        report(tried, ticks + 2 * PATIENCE_NANOS, reported);
        assertThat(duplicates).isGreaterThan(50_000);
        assertThat(unsure).isPositive().isLessThan(100_000);
        long start = seen.stream().min(Long::compare).orElseThrow();
        long end = seen.stream().max(Long::compare).orElseThrow();
        Set<Long> explained = new HashSet<>();
        for (long[] hole : reported) {
            for (long sequence = hole[0]; sequence <= hole[1]; sequence++) {
                explained.add(sequence);
            }
        }
        long firstSeen = Math.max(start, first);
        for (long sequence = firstSeen; sequence <= end; sequence++) {
            if (!seen.contains(sequence)) {
                assertThat(explained.contains(sequence)).isTrue();
            }
        }
    }

    private static void report(ContiguousFilter filter, long ticks, List<long[]> reported) {
        Gap gap;
        while ((gap = filter.due(ticks)) != null) {
            assertThat(gap.missing).isBetween(1L, gap.to - gap.from + 1);
            reported.add(new long[] {gap.from, gap.to});
            filter.reported(gap);
        }
    }
}
