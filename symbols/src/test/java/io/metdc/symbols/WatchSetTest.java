package io.metdc.symbols;

import static org.assertj.core.api.Assertions.assertThat;

import io.metdc.connectors.Connector;
import io.metdc.connectors.Connectors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// From the exchanges' answers to the watch set of every market, in every mode, and with Upbit's list turned round:
/// what
/// was listed is a candidate then.
class WatchSetTest {
    private static final Set<String> LISTED =
            Set.of("0G", "1INCH", "BABYDOGE", "BEAM", "BSV", "BTC", "GALA", "LADYS", "PEPE", "S", "T", "USDT");

    private static final Set<String> TURNED_ROUND = Set.of(
            "2Z", "ACT", "BEAMX", "CAT", "INCH", "MOG", "OG", "SAND", "SATS", "SHIB", "SUI", "USDT", "W", "WAXP",
            "XBTX");

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource
    void each_mode_takes_exactly_its_half_of_every_market(UpbitKrw mode) throws Exception {
        assertThat(watched(mode, LISTED)).isEqualTo(expected(mode, LISTED));
        assertThat(watched(mode, TURNED_ROUND)).isEqualTo(expected(mode, TURNED_ROUND));
    }

    @Test
    void what_is_left_out_is_there_with_the_rule_that_leaves_it_out() throws Exception {
        Universe universe = universe(UpbitKrw.LISTED, LISTED);

        assertThat(universe.watched(Invented.BINANCE_SPOT).leftOut())
                .containsEntry("VENUSDT", "status BREAK")
                .containsEntry("2ZUSDT", "upbit_krw is listed")
                .hasSize(4 + 7);
        assertThat(universe.watched(KrwList.MARKET).leftOut())
                .containsEntry("KRW-PEPE", "no listing of it is young")
                .containsEntry("BTC-C1", "quote is not KRW");
    }

    private Map<String, UpbitMark> watched(UpbitKrw mode, Set<String> krw) throws Exception {
        Universe universe = universe(mode, krw);
        Map<String, UpbitMark> watched = new TreeMap<>();
        for (Connector connector : Connectors.all()) {
            universe.watched(connector.market())
                    .watched()
                    .forEach(one -> watched.put(one.instrument().toString(), one.mark()));
        }
        return watched;
    }

    private Universe universe(UpbitKrw mode, Set<String> krw) throws Exception {
        Filter filter = new Filter(mode, List.of(), List.of(), List.of(), Set.of("USDT"), Aliases.NONE);
        Universe universe = new Universe(filter, InstantSource.system(), (_, _) -> {});
        try (ListServer server =
                new ListServer(folder, (market, _) -> ListServer.Answer.of(Invented.answer(market, krw)))) {
            for (Connector connector : Connectors.all()) {
                universe.accept(server.load(connector.market()));
            }
        }
        return universe;
    }

    /// What is written beside the lists, cut to what the mode takes.
    private static Map<String, UpbitMark> expected(UpbitKrw mode, Set<String> krw) throws IOException {
        Predicate<UpbitMark> taken = switch (mode) {
            case BOTH -> _ -> true;
            case LISTED -> mark -> mark == UpbitMark.LISTED;
            case UNLISTED -> mark -> mark == UpbitMark.UNLISTED;
        };
        Map<String, UpbitMark> expected = new TreeMap<>();
        for (String line : new String(Invented.resource("lists/watched.txt"), StandardCharsets.UTF_8)
                .lines()
                .toList()) {
            String[] words = line.split(" ", -1);
            UpbitMark mark = krw.contains(words[2]) ? UpbitMark.LISTED : UpbitMark.UNLISTED;
            if (!line.startsWith("#") && taken.test(mark)) {
                expected.put(words[0] + " " + words[1], mark);
            }
        }
        for (String rate : List.of("BTC", "USDT")) {
            if (krw.contains(rate)) {
                expected.put("upbit-spot KRW-" + rate, UpbitMark.LISTED);
            }
        }
        return expected;
    }
}
