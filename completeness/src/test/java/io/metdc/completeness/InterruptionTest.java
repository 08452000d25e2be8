package io.metdc.completeness;

import static io.metdc.completeness.Samples.BTC;
import static io.metdc.completeness.Samples.PEPE;
import static io.metdc.completeness.Samples.SOL;
import static io.metdc.completeness.Samples.entries;
import static io.metdc.completeness.Samples.only;
import static io.metdc.completeness.Samples.open;
import static io.metdc.completeness.Samples.trade;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.metdc.market.HoleOutcome;
import io.metdc.market.Instrument;
import io.metdc.market.Nanos;
import io.metdc.market.Origin;
import io.metdc.market.Trade;
import io.metdc.storage.journal.Entry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Where numbers prove nothing, every stretch that no connection carried may lack trades.
class InterruptionTest {
    @TempDir
    Path temporary;

    private Path directory;
    private final Instant start = Instant.now().truncatedTo(ChronoUnit.MILLIS);

    @BeforeEach
    void journal() {
        directory = temporary.resolve("journal");
    }

    private Instant at(long seconds) {
        return start.plusSeconds(seconds);
    }

    private List<Entry.HoleOpened> holes() throws Exception {
        return only(Entry.HoleOpened.class, entries(directory));
    }

    private static Ring connect(Intake intake, String name, Instant at, Instrument... instruments) {
        Ring ring = intake.open(name);
        ring.carries(List.of(instruments), at);
        return ring;
    }

    private static Trade snapshot(Trade trade) {
        return new Trade(
                trade.instrument(),
                trade.id(),
                trade.price(),
                trade.size(),
                trade.takerSide(),
                trade.executedAtNanos(),
                trade.receivedAtNanos(),
                trade.sequence(),
                Origin.SNAPSHOT,
                trade.flags());
    }

    private static void end(Ring ring, Instant at) {
        ring.broke(at);
        ring.close();
    }

    @Test
    void what_may_be_lost_between_two_connections_lies_between_the_last_trade_and_the_next_acknowledgement()
            throws Exception {
        Trade last = trade(SOL, 7);
        try (Intake intake = open(directory)) {
            Ring first = connect(intake, "first", at(0), SOL, PEPE, BTC);
            first.accept(trade(SOL, 3));
            first.accept(last);
            first.accept(trade(BTC, 1));
            end(first, at(5));
            Ring second = connect(intake, "second", at(9), SOL, PEPE, BTC);
            second.accept(trade(SOL, 11));
        }
        assertThat(holes()).extracting(Entry.HoleOpened::instrument).containsExactlyInAnyOrder(SOL, PEPE);
        assertThat(holes())
                .filteredOn(hole -> hole.instrument().equals(SOL))
                .singleElement()
                .satisfies(hole -> {
                    assertThat(hole.cause()).isEqualTo("disconnect");
                    assertThat(hole.fromNanos()).isEqualTo(last.executedAtNanos());
                    assertThat(hole.toNanos()).isEqualTo(Nanos.of(at(9)));
                    assertThat(List.of(hole.fromId(), hole.toId(), hole.expected()))
                            .containsOnly(-1L);
                });
        // Without a trade to hold on to, so long before the break that clocks may differ.
        assertThat(holes())
                .filteredOn(hole -> hole.instrument().equals(PEPE))
                .extracting(Entry.HoleOpened::fromNanos)
                .containsExactly(Nanos.of(at(5).minusSeconds(60)));
    }

    @Test
    void a_trade_that_comes_before_the_acknowledgement_does_not_hide_what_was_lost_before_it() throws Exception {
        Trade last = trade(SOL, 7);
        try (Intake intake = open(directory)) {
            Ring first = connect(intake, "first", at(0), SOL);
            first.accept(last);
            end(first, at(5));
            Ring second = intake.open("second");
            second.accept(trade(SOL, 900));
            await().until(() -> intake.progress().journaled() == 2);
            second.carries(List.of(SOL), at(9));
        }
        assertThat(holes())
                .singleElement()
                .extracting(Entry.HoleOpened::fromNanos)
                .isEqualTo(last.executedAtNanos());
    }

    @Test
    void nor_does_it_when_the_program_ends_before_that_acknowledgement() throws Exception {
        Trade last = trade(SOL, 7);
        Trade lastPepe = trade(PEPE, 8);
        try (Intake intake = open(directory)) {
            Ring ring = connect(intake, "first", at(0), SOL, PEPE);
            ring.accept(last);
            ring.accept(lastPepe);
        }
        try (Intake intake = open(directory)) {
            Ring ring = intake.open("second");
            ring.accept(trade(SOL, 900));
            ring.accept(snapshot(trade(PEPE, 901)));
            ring.accept(trade(SOL, 902));
        }
        try (Intake intake = open(directory)) {
            connect(intake, "third", at(30), SOL, PEPE).accept(trade(SOL, 903));
        }
        assertThat(holes())
                .extracting(Entry.HoleOpened::instrument, Entry.HoleOpened::fromNanos)
                .containsExactlyInAnyOrder(tuple(SOL, last.executedAtNanos()), tuple(PEPE, lastPepe.executedAtNanos()));
    }

    @Test
    void what_comes_after_the_acknowledgement_is_proven_again() throws Exception {
        Trade last = trade(SOL, 950);
        try (Intake intake = open(directory)) {
            Ring first = connect(intake, "first", at(0), SOL);
            first.accept(trade(SOL, 7));
            Ring second = intake.open("second");
            second.accept(trade(SOL, 900));
            await().until(() -> intake.progress().journaled() == 2);
            second.carries(List.of(SOL), at(9));
            end(first, at(10));
            await().until(() -> intake.progress().rings() == 1);
            second.accept(last);
        }
        try (Intake intake = open(directory)) {
            connect(intake, "third", at(30), SOL);
        }
        assertThat(holes()).extracting(Entry.HoleOpened::fromNanos).containsExactly(last.executedAtNanos());
    }

    @Test
    void while_one_of_two_connections_stays_nothing_is_lost() throws Exception {
        try (Intake intake = open(directory)) {
            Ring first = connect(intake, "first", at(0), SOL, PEPE);
            Ring second = connect(intake, "second", at(1), SOL, PEPE);
            first.accept(trade(SOL, 1));
            end(first, at(2));
            Ring third = connect(intake, "third", at(3), SOL, PEPE);
            end(second, at(4));
            connect(intake, "fourth", at(5), SOL, PEPE);
            third.accept(trade(SOL, 2));
        }
        assertThat(holes()).isEmpty();
    }

    @Test
    void a_connection_that_was_dead_longer_than_anybody_knew_hides_no_stretch_without_one() throws Exception {
        try (Intake intake = open(directory)) {
            Ring dead = connect(intake, "dead", at(0), SOL);
            Ring first = connect(intake, "first", at(1), SOL);
            first.accept(trade(SOL, 1));
            end(first, at(20));
            Ring second = connect(intake, "second", at(31), SOL);
            second.accept(trade(SOL, 2));
            end(dead, at(19)); // found out only now
        }
        assertThat(holes()).singleElement().satisfies(hole -> {
            assertThat(hole.fromNanos()).isLessThan(Nanos.of(at(19)));
            assertThat(hole.toNanos()).isEqualTo(Nanos.of(at(31)));
        });
    }

    @Test
    void nor_does_it_when_the_clock_of_the_exchange_is_behind_ours() throws Exception {
        Trade like = trade(SOL, 1);
        long received = like.receivedAtNanos();
        Trade first = new Trade(
                SOL,
                like.id(),
                like.price(),
                like.size(),
                like.takerSide(),
                received - 20 * Nanos.PER_SECOND,
                received,
                like.sequence(),
                Origin.STREAM,
                like.flags());
        try (Intake intake = open(directory)) {
            Ring dead = connect(intake, "dead", at(0), SOL);
            Ring other = connect(intake, "other", at(1), SOL);
            other.accept(first);
            end(other, at(20));
            connect(intake, "next", at(31), SOL);
            end(dead, at(19));
        }
        // What was traded at 19 s, by our clock, was called one second before the beginning.
        assertThat(holes())
                .singleElement()
                .satisfies(hole -> assertThat(hole.fromNanos()).isLessThanOrEqualTo(Nanos.of(at(-1))));
    }

    /// What is silent is subscribed anew, and its connection replaced when that does not help: until then nothing
    /// comes.
    @Test
    void a_successor_hides_no_part_of_a_silence() throws Exception {
        Trade last = trade(SOL, 7);
        try (Intake intake = open(directory)) {
            Ring old = connect(intake, "old", at(0), SOL, PEPE);
            old.accept(last);
            await().until(() -> intake.progress().journaled() == 1);
            old.silent(SOL);
            Ring successor = connect(intake, "successor", at(40), SOL, PEPE);
            successor.accept(trade(SOL, 50));
            end(old, at(50));
        }
        assertThat(holes())
                .extracting(Entry.HoleOpened::instrument, Entry.HoleOpened::cause)
                .containsOnly(tuple(SOL, "silence"));
        assertThat(holes())
                .filteredOn(hole -> hole.toNanos() == Nanos.of(at(40)))
                .singleElement()
                .extracting(Entry.HoleOpened::fromNanos)
                .isEqualTo(last.executedAtNanos());
    }

    /// While a successor is there already, which may be as silent.
    @Test
    void a_silence_that_is_found_while_two_connections_carry_an_instrument_is_entered() throws Exception {
        Trade last = trade(SOL, 7);
        try (Intake intake = open(directory)) {
            Ring old = connect(intake, "old", at(0), SOL);
            old.accept(last);
            await().until(() -> intake.progress().journaled() == 1);
            connect(intake, "successor", at(30), SOL);
            old.silent(SOL);
            end(old, at(50));
        }
        assertThat(holes())
                .extracting(Entry.HoleOpened::cause, Entry.HoleOpened::fromNanos)
                .containsExactly(tuple("silence", last.executedAtNanos()));
    }

    @Test
    void what_leaves_while_no_connection_carries_it_leaves_a_hole_up_to_then() throws Exception {
        Trade last = trade(SOL, 7);
        try (Intake intake = open(directory)) {
            Ring first = connect(intake, "first", at(0), SOL);
            first.accept(last);
            end(first, at(5));
            intake.open("second").leaves(List.of(SOL));
        }
        assertThat(holes()).singleElement().satisfies(hole -> {
            assertThat(hole.fromNanos()).isEqualTo(last.executedAtNanos());
            assertThat(hole.toNanos()).isGreaterThan(Nanos.of(start.minusSeconds(1)));
        });
    }

    @Test
    void a_connection_that_ends_without_a_word_has_ended() throws Exception {
        try (Intake intake = open(directory)) {
            Ring first = connect(intake, "first", at(0), SOL);
            first.accept(trade(SOL, 1));
            first.close();
            await().until(() -> intake.progress().rings() == 0);
            connect(intake, "second", at(9), SOL);
        }
        assertThat(holes()).hasSize(1);
    }

    @Test
    void a_restart_may_have_lost_what_came_since_the_last_trade() throws Exception {
        Trade last = trade(SOL, 7);
        try (Intake intake = open(directory)) {
            Ring ring = connect(intake, "first", at(0), SOL, PEPE, BTC);
            ring.accept(last);
            ring.accept(trade(BTC, 1));
        }
        try (Intake intake = open(directory)) {
            connect(intake, "first", at(20), SOL, PEPE, BTC);
        }
        assertThat(holes()).extracting(Entry.HoleOpened::cause).containsExactly("restart", "restart");
        assertThat(holes())
                .filteredOn(hole -> hole.instrument().equals(SOL))
                .extracting(Entry.HoleOpened::fromNanos, Entry.HoleOpened::toNanos)
                .containsExactly(org.assertj.core.groups.Tuple.tuple(last.executedAtNanos(), Nanos.of(at(20))));
        assertThat(holes())
                .filteredOn(hole -> hole.instrument().equals(PEPE))
                .extracting(Entry.HoleOpened::fromNanos)
                .containsExactly(Nanos.of(at(0).minusSeconds(60)));
    }

    @Test
    void what_nobody_wanted_for_a_while_was_not_lost() throws Exception {
        try (Intake intake = open(directory)) {
            Ring ring = connect(intake, "first", at(0), SOL, PEPE);
            ring.accept(trade(SOL, 1));
            ring.leaves(List.of(SOL));
            end(ring, at(2));
            Ring without = intake.open("second");
            without.leaves(List.of(PEPE)); // while there was no connection: up to then it was wanted
            without.carries(List.of(SOL, PEPE), at(9));
        }
        try (Intake intake = open(directory)) {
            Ring ring = connect(intake, "first", at(20), SOL);
            ring.leaves(List.of(SOL));
        }
        try (Intake intake = open(directory)) {
            connect(intake, "first", at(30), SOL);
        }
        assertThat(holes()).extracting(Entry.HoleOpened::cause).containsExactly("disconnect", "restart");
    }

    @Test
    void what_became_of_a_hole_is_journaled_and_its_numbers_are_still_new() throws Exception {
        try (Intake intake = open(directory)) {
            Ring ring = intake.open("ring");
            for (long id : new long[] {1, 2, 7}) {
                ring.accept(trade(BTC, id));
            }
            await().atMost(Duration.ofSeconds(10)).until(() -> intake.progress().holes() == 1);
            var closed = new Entry.HoleClosed(BTC, 17, 3, 6, HoleOutcome.BEYOND_REACH, 0, 18);
            intake.close(closed);
            await().until(() -> intake.progress().holes() == 0);
            ring.accept(trade(BTC, 4));
            await().until(() -> intake.progress().journaled() == 4);
        }
        assertThat(only(Entry.HoleClosed.class, entries(directory))).hasSize(1);
        try (Intake intake = open(directory)) {
            assertThat(intake.progress().holes()).isZero();
        }
    }
}
