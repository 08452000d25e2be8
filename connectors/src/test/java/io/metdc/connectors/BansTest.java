package io.metdc.connectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.metdc.connectors.Bans.Doing;
import io.metdc.market.Exchange;
import io.metdc.market.Failure;
import io.metdc.market.Failure.Extent;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BansTest {
    private static final Market SPOT = new Market(Exchange.BINANCE, MarketType.SPOT);
    private static final Market FUTURES = new Market(Exchange.BINANCE, MarketType.FUTURES);
    private static final Duration LONGEST = Duration.ofMinutes(3);

    @TempDir
    Path folder;

    private Instant wall = Instant.parse("2026-11-01T00:00:00Z");
    private long nanos = Long.MAX_VALUE - 1_000; // which overflows in between, as it may
    private Bans bans = new Bans(LONGEST, () -> wall, () -> nanos);

    private void pass(Duration time) {
        wall = wall.plus(time);
        nanos += time.toNanos();
    }

    private static Failure.Ban ban(Extent extent, @Nullable Duration stated) {
        return new Failure.Ban("418", stated == null ? Duration.ofSeconds(20) : stated, stated != null, extent, null);
    }

    /// How long it still lasts; zero when it does not.
    private Duration left(Doing doing, Market market) {
        FeedException refused = catchThrowableOfType(FeedException.class, () -> bans.check(doing, market));
        return refused == null ? Duration.ZERO : ((Failure.Ban) refused.failure()).pause();
    }

    @ParameterizedTest
    @CsvSource({
        "REQUEST, EXCHANGE,   1 1 1 1",
        "CONNECT, EXCHANGE,   1 1 1 1",
        "REQUEST, REQUESTS,   0 0 1 1",
        "CONNECT, REQUESTS,   1 1 0 0",
        "REQUEST, SAME,       0 0 1 0",
        "CONNECT, SAME,       1 1 0 0",
        "CONNECT, CONNECTION, 0 0 0 0",
    })
    void a_ban_keeps_away_from_what_the_documents_say_and_from_nothing_else(
            Doing doing, Extent extent, String connectSpotConnectFuturesRequestSpotRequestFutures) {
        bans.told(doing, SPOT, ban(extent, Duration.ofMinutes(2)));
        List<String> banned = new ArrayList<>();
        for (Doing other : Doing.values()) {
            for (Market market : List.of(SPOT, FUTURES)) {
                banned.add(left(other, market).isZero() ? "0" : "1");
            }
        }

        assertThat(String.join(" ", banned)).isEqualTo(connectSpotConnectFuturesRequestSpotRequestFutures);
    }

    @Test
    void a_stated_ban_lasts_to_the_letter_and_not_a_moment_longer() throws Exception {
        Failure told = bans.told(Doing.REQUEST, SPOT, ban(Extent.EXCHANGE, Duration.ofMinutes(2)));
        assertThat(told)
                .isInstanceOfSatisfying(
                        Failure.Ban.class, ban -> assertThat(ban.pause()).isEqualTo(Duration.ofMinutes(2)));
        pass(Duration.ofMillis(119_999));
        assertThat(left(Doing.CONNECT, FUTURES)).isEqualTo(Duration.ofMillis(1));

        pass(Duration.ofMillis(1));
        bans.check(Doing.CONNECT, FUTURES);
    }

    @Test
    void a_ban_of_unknown_length_is_twenty_seconds_and_twice_as_long_each_time_up_to_the_longest() {
        List<Long> seconds = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            Failure told = bans.told(Doing.REQUEST, SPOT, ban(Extent.SAME, null));
            seconds.add(((Failure.Ban) told).pause().toSeconds());
            pass(((Failure.Ban) told).pause().plusSeconds(100));
        }
        assertThat(seconds).containsExactly(20L, 40L, 80L, 160L, 180L, 180L);

        pass(Bans.QUIET);
        Failure afterQuiet = bans.told(Doing.REQUEST, SPOT, ban(Extent.SAME, null));
        assertThat(((Failure.Ban) afterQuiet).pause()).isEqualTo(Duration.ofSeconds(20));
    }

    @Test
    void those_who_were_on_their_way_when_a_ban_was_told_make_it_no_longer() {
        bans.told(Doing.REQUEST, SPOT, ban(Extent.SAME, null));
        pass(Duration.ofSeconds(1));
        for (int i = 0; i < 10; i++) {
            bans.told(Doing.REQUEST, SPOT, ban(Extent.SAME, null));
        }

        assertThat(left(Doing.REQUEST, SPOT)).isEqualTo(Duration.ofSeconds(19));
    }

    @Test
    void of_two_bans_the_longer_one_counts() {
        bans.told(Doing.REQUEST, SPOT, ban(Extent.EXCHANGE, Duration.ofMinutes(2)));
        bans.told(Doing.REQUEST, SPOT, ban(Extent.SAME, Duration.ofSeconds(7)));
        bans.told(Doing.REQUEST, FUTURES, ban(Extent.EXCHANGE, Duration.ofMinutes(1)));

        assertThat(left(Doing.REQUEST, SPOT)).isEqualTo(Duration.ofMinutes(2));
    }

    @Test
    void a_clock_that_is_set_while_it_runs_changes_no_ban() {
        bans.told(Doing.REQUEST, SPOT, ban(Extent.EXCHANGE, Duration.ofMinutes(2)));
        wall = wall.minus(Duration.ofDays(1));
        assertThat(left(Doing.REQUEST, SPOT)).isEqualTo(Duration.ofMinutes(2));
        wall = wall.plus(Duration.ofDays(2));
        assertThat(left(Doing.REQUEST, SPOT)).isEqualTo(Duration.ofMinutes(2));
    }

    @Test
    void a_block_is_knocked_at_again_only_now_and_then() {
        Failure.Fatal block = new Failure.Fatal("451", null, true);
        bans.told(Doing.CONNECT, SPOT, block);
        pass(Bans.BLOCK.minusSeconds(1));
        assertThat(catchThrowableOfType(FeedException.class, () -> bans.check(Doing.CONNECT, SPOT))
                        .failure())
                .isEqualTo(block);
        assertThatCode(() -> bans.check(Doing.CONNECT, FUTURES)).doesNotThrowAnyException();
        assertThatCode(() -> bans.check(Doing.REQUEST, SPOT)).doesNotThrowAnyException();
        pass(Duration.ofSeconds(1));

        assertThatCode(() -> bans.check(Doing.CONNECT, SPOT)).doesNotThrowAnyException();
    }

    @Test
    void a_ban_survives_a_restart_and_so_does_how_long_the_next_one_is() throws Exception {
        Path file = folder.resolve("limits").resolve("binance-bans");
        bans = Bans.remembering(file, LONGEST, () -> wall, () -> nanos);
        bans.told(Doing.REQUEST, SPOT, ban(Extent.EXCHANGE, Duration.ofMinutes(2)));
        bans.told(Doing.CONNECT, SPOT, ban(Extent.SAME, null));
        pass(Duration.ofSeconds(5));
        nanos = 17; // of another process
        bans = Bans.remembering(file, LONGEST, () -> wall, () -> nanos);

        assertThat(left(Doing.REQUEST, FUTURES)).isEqualTo(Duration.ofSeconds(115));
        assertThat(catchThrowableOfType(FeedException.class, () -> bans.check(Doing.REQUEST, SPOT)))
                .hasMessage("418");
        pass(Duration.ofSeconds(115));
        bans.check(Doing.REQUEST, FUTURES);
        Failure next = bans.told(Doing.CONNECT, FUTURES, ban(Extent.SAME, null));
        assertThat(((Failure.Ban) next).pause()).isEqualTo(Duration.ofSeconds(40));
    }

    @Test
    void a_clock_that_was_set_back_over_a_restart_makes_no_ban_longer() {
        Path file = folder.resolve("binance-bans");
        bans = Bans.remembering(file, LONGEST, () -> wall, () -> nanos);
        bans.told(Doing.REQUEST, SPOT, ban(Extent.EXCHANGE, Duration.ofMinutes(2)));
        wall = wall.minus(Duration.ofHours(7));
        bans = Bans.remembering(file, LONGEST, () -> wall, () -> nanos);

        assertThat(left(Doing.REQUEST, SPOT)).isEqualTo(Duration.ofMinutes(2));
    }

    @Test
    void a_block_is_forgotten_with_the_process_since_a_person_may_have_mended_it() throws Exception {
        Path file = folder.resolve("binance-bans");
        bans = Bans.remembering(file, LONGEST, () -> wall, () -> nanos);
        bans.told(Doing.CONNECT, SPOT, new Failure.Fatal("451", null, true));
        bans.told(Doing.REQUEST, SPOT, ban(Extent.SAME, Duration.ofSeconds(7)));
        bans = Bans.remembering(file, LONGEST, () -> wall, () -> nanos);

        bans.check(Doing.CONNECT, SPOT);
        assertThat(left(Doing.REQUEST, SPOT)).isEqualTo(Duration.ofSeconds(7));
    }

    @Test
    void whatever_stands_in_the_file_the_program_starts_and_keeps_to_what_can_be_read() throws Exception {
        Path file = folder.resolve("binance-bans");
        bans = Bans.remembering(file, LONGEST, () -> wall, () -> nanos);
        bans.told(Doing.REQUEST, SPOT, ban(Extent.EXCHANGE, Duration.ofMinutes(2)));
        byte[] whole = Files.readAllBytes(file);
        Random random = new Random(7);
        for (int round = 0; round < 500; round++) {
            byte[] torn = whole.clone();
            for (int i = 0; i < 3; i++) {
                torn[random.nextInt(torn.length)] = (byte) random.nextInt(32, 127);
            }
            Files.write(file, torn);
            bans = Bans.remembering(file, LONGEST, () -> wall, () -> nanos);
            assertThat(left(Doing.REQUEST, SPOT)).isLessThanOrEqualTo(Duration.ofDays(3));
        }
        Files.write(file, whole);
        bans = Bans.remembering(file, LONGEST, () -> wall, () -> nanos);
        assertThat(left(Doing.REQUEST, SPOT)).isEqualTo(Duration.ofMinutes(2));
    }
}
