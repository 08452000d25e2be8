package io.metdc.storage.journal;

import static io.metdc.storage.journal.Samples.BTC;
import static io.metdc.storage.journal.Samples.NANOS;
import static io.metdc.storage.journal.Samples.PEPE;
import static io.metdc.storage.journal.Samples.drain;
import static io.metdc.storage.journal.Samples.trade;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metdc.market.Consumed;
import io.metdc.market.Flag;
import io.metdc.market.Instrument;
import io.metdc.market.Origin;
import io.metdc.market.RejectReason;
import io.metdc.market.TakerSide;
import io.metdc.market.Trade;
import io.metdc.market.TradeId;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecordsTest {
    @TempDir
    Path directory;

    static Stream<BigDecimal> decimals() {
        return Stream.of(
                        "12345678901234567890",
                        "0.000000000001",
                        "1E-12",
                        "1E+5",
                        "1.0E-4",
                        "7E-128",
                        "7E-129",
                        "7E+127",
                        "7E+128",
                        "999999999999999999",
                        "1000000000000000000",
                        "0.999999999999999999",
                        "9223372036854775807",
                        "9223372036854775808",
                        "-0.5",
                        "1.10",
                        "1.1000000",
                        "123456789012345678901234567890.123456789012345678901234567890",
                        "1E+2147483647",
                        "1E-2147483647")
                .map(BigDecimal::new)
                .map(BigDecimal::abs);
    }

    @ParameterizedTest
    @MethodSource("decimals")
    void decimals_come_back_digit_by_digit_with_their_scale(BigDecimal number) throws Exception {
        Trade one = with(trade(BTC, 1), number, BigDecimal.ONE);
        Trade other = with(trade(BTC, 2), BigDecimal.TEN, number);

        assertThat(roundTrip(one, other)).containsExactly(one, other); // equal means the same scale, too
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "7",
                "007",
                "999999999999999999",
                "1000000000000000000",
                "2290000000068551234",
                "f3a1c1de-6a3b-5d43-a3f7-92d9f0a3b1c2",
                "F3A1C1DE-6A3B-5D43-A3F7-92D9F0A3B1C2",
                "龙-é-\uD83D\uDE80-\u0000-\uD800-end"
            })
    void ids_come_back_as_they_were(String id) throws Exception {
        Trade trade = with(TradeId.of(id), Trade.NO_SEQUENCE);

        assertThat(roundTrip(trade)).containsExactly(trade);
    }

    @ParameterizedTest
    @ValueSource(longs = {Trade.NO_SEQUENCE, 0, 7, 8, Long.MAX_VALUE})
    void sequences_come_back_whether_they_are_the_id_or_not(long sequence) throws Exception {
        Trade number = with(TradeId.of(7), sequence);
        Trade text = with(TradeId.of("seven"), sequence);

        assertThat(roundTrip(number, text)).containsExactly(number, text);
    }

    @ParameterizedTest
    @EnumSource(Origin.class)
    void origins_sides_and_flags_come_back(Origin origin) throws Exception {
        List<Trade> all = new ArrayList<>();
        for (TakerSide side : TakerSide.values()) {
            for (Set<Flag> flags :
                    List.of(Set.<Flag>of(), Set.of(Flag.BLOCK), Set.of(Flag.RPI), Set.of(Flag.BLOCK, Flag.RPI))) {
                Trade t = trade(PEPE, 3);
                all.add(new Trade(
                        PEPE, t.id(), t.price(), t.size(), side, 1, Long.MAX_VALUE, t.sequence(), origin, flags));
            }
        }
        assertThat(roundTrip(all.toArray(Trade[]::new))).isEqualTo(all);
    }

    @Test
    void symbols_of_any_script_come_back_and_stay_apart() throws Exception {
        Instrument dragon = Instrument.of(Samples.SPOT, "龙USDT", "龙", "USDT");
        Instrument rocket = Instrument.of(Samples.SPOT, "\uD83D\uDE80USDT", "\uD83D\uDE80", "USDT");
        Trade[] all = {trade(dragon, 1), trade(rocket, 2), trade(BTC, 3), trade(dragon, 4)};

        assertThat(roundTrip(all)).containsExactly(all);
    }

    @Test
    void an_instrument_whose_terms_change_is_another_one() throws Exception {
        Instrument changed = new Instrument(
                PEPE.market(), PEPE.symbol(), PEPE.base(), PEPE.quote(), PEPE.settle(), BigDecimal.TEN, BigDecimal.ONE);
        Trade[] all = {trade(PEPE, 1), trade(changed, 2), trade(PEPE, 3)};

        assertThat(roundTrip(all)).containsExactly(all);
    }

    @ParameterizedTest
    @EnumSource(RejectReason.class)
    void every_reason_comes_back(RejectReason reason) throws Exception {
        List<Entry> entries = List.of(
                new Entry.RejectedRow(BTC, reason, NANOS, "龙".repeat(500)),
                new Entry.Counted(BTC, 1, 2, 3, 9, 4, Map.of(reason, 5L)));
        try (Journal journal = Samples.open(directory)) {
            entries.forEach(journal::append);
            journal.force();

            assertThat(drain(journal)).isEqualTo(entries);
        }
    }

    @Test
    void what_is_longer_than_any_real_trade_is_refused_and_hurts_nothing() throws Exception {
        Trade longId = with(TradeId.of("x".repeat(501)), Trade.NO_SEQUENCE);
        Trade longPrice = with(trade(PEPE, 1), new BigDecimal("9".repeat(700)), BigDecimal.ONE);
        Instrument longName = Instrument.of(Samples.SPOT, "X".repeat(501), "X", "USDT");
        try (Journal journal = Samples.open(directory)) {
            assertThatThrownBy(() -> journal.append(longId)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> journal.append(longPrice)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> journal.append(trade(longName, 1))).isInstanceOf(IllegalArgumentException.class);
            journal.append(trade(BTC, 1));
            journal.append(trade(PEPE, 2));
            journal.append(new Consumed(PEPE, 3, NANOS, NANOS, "y".repeat(1_000)));
            journal.force();

            assertThat(drain(journal))
                    .containsExactly(
                            new Entry.Traded(trade(BTC, 1)),
                            new Entry.Traded(trade(PEPE, 2)),
                            new Entry.ConsumedId(new Consumed(PEPE, 3, NANOS, NANOS, "y".repeat(500))));
            assertThat(journal.trades()).isEqualTo(2);
        }
    }

    @Test
    void random_trades_come_back() throws Exception {
        Random random = new Random(20_261_121);
        List<Trade> all = new ArrayList<>();
        for (int i = 0; i < 50_000; i++) {
            TradeId id = random.nextBoolean()
                    ? TradeId.of(random.nextLong(1L << (1 + random.nextInt(59))))
                    : TradeId.of(Long.toString(random.nextLong() & Long.MAX_VALUE, 36) + (char) random.nextInt(65_536));
            all.add(new Trade(
                    random.nextBoolean() ? BTC : PEPE,
                    id,
                    decimal(random),
                    decimal(random),
                    random.nextBoolean() ? TakerSide.BUY : TakerSide.SELL,
                    random.nextLong(),
                    random.nextLong(),
                    random.nextInt(3) == 0 ? Trade.NO_SEQUENCE : random.nextLong() & Long.MAX_VALUE,
                    List.of(Origin.values()).get(random.nextInt(4)),
                    Flag.ofBits(random.nextInt(4))));
        }
        assertThat(roundTrip(all.toArray(Trade[]::new))).isEqualTo(all);
    }

    private static BigDecimal decimal(Random random) {
        return new BigDecimal(
                new BigInteger(1 + random.nextInt(130), random).add(BigInteger.ONE), random.nextInt(400) - 200);
    }

    private static Trade with(Trade t, BigDecimal price, BigDecimal size) {
        return new Trade(
                t.instrument(),
                t.id(),
                price,
                size,
                t.takerSide(),
                t.executedAtNanos(),
                t.receivedAtNanos(),
                t.sequence(),
                t.origin(),
                t.flags());
    }

    private static Trade with(TradeId id, long sequence) {
        Trade t = trade(BTC, 1);
        return new Trade(
                t.instrument(),
                id,
                t.price(),
                t.size(),
                t.takerSide(),
                t.executedAtNanos(),
                t.receivedAtNanos(),
                sequence,
                t.origin(),
                t.flags());
    }

    private List<Trade> roundTrip(Trade... trades) throws Exception {
        try (Journal journal = Samples.open(directory)) {
            for (Trade trade : trades) {
                assertThat(journal.append(trade)).isTrue();
            }
            assertThat(journal.force()).isTrue();
            return drain(journal).stream()
                    .map(entry -> ((Entry.Traded) entry).trade())
                    .toList();
        }
    }
}
