package io.metdc.collector;

import static org.assertj.core.api.Assertions.assertThat;

import io.metdc.collector.frames.FrameRecording;
import io.metdc.connectors.Connector;
import io.metdc.connectors.Connectors;
import io.metdc.connectors.InstrumentPage;
import io.metdc.connectors.Network;
import io.metdc.connectors.RestClient;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.simulator.Sent;
import io.metdc.simulator.Simulator;
import io.metdc.simulator.SimulatorOptions;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// From a simulated exchange's socket into a recording and out of it again.
class RecordingTest {
    @TempDir
    private Path folder;

    @Test
    void what_was_recorded_of_all_markets_is_decoded_to_exactly_the_trades_that_were_sent() throws Exception {
        Path frames = folder.resolve("frames");
        try (Simulator simulator = Simulator.start(SimulatorOptions.builder()
                .markets(SimulatorOptions.ALL_MARKETS.toArray(Market[]::new))
                .rate(5_200)
                .instruments(6)
                .build())) {
            try (FrameRecording recording =
                            FrameRecording.open(frames, FrameRecording.DEFAULT_BYTES, InstantSource.system());
                    Rehearsed metdc = new Rehearsed(simulator, folder, recording)) {
                metdc.awaitSentByEach(200);
                metdc.awaitStored(4_000);
                metdc.settle();
            }
            for (Market market : SimulatorOptions.ALL_MARKETS) {
                Connector connector = Connectors.of(market).orElseThrow();
                byte[] list;
                try (RestClient rest = new RestClient(
                        connector, simulator.address(market).rest(), Network.DEFAULT, InstantSource.system())) {
                    list = rest.get(connector.instruments());
                }
                Path file = Files.write(folder.resolve(market + ".json"), list);
                List<Recorded.Decoded> sent = sent(simulator, market, connector.readInstruments(list));

                assertThat(sent).as("%s", market).hasSizeGreaterThan(100);
                assertThat(Recorded.decode(frames, market, file))
                        .as("%s", market)
                        .containsExactlyInAnyOrderElementsOf(sent);
                if (!connector.needsInstruments()) {
                    assertThat(Recorded.decode(frames, market, null))
                            .as("%s without its list of instruments", market)
                            .containsExactlyInAnyOrderElementsOf(sent);
                }
            }
        }
    }

    private static List<Recorded.Decoded> sent(Simulator simulator, Market market, InstrumentPage page) {
        List<Recorded.Decoded> sent = new ArrayList<>();
        for (InstrumentPage.Listing listing : page.listings()) {
            Instrument instrument = listing.instrument();
            if (instrument != null && Connectors.of(market).orElseThrow().isAlwaysCollected(instrument)) {
                try (Stream<Sent.Trade> trades = simulator.trades(market, instrument.symbol())) {
                    trades.map(trade -> decoded(instrument, trade)).forEach(sent::add);
                }
            }
        }
        return sent;
    }

    private static Recorded.Decoded decoded(Instrument instrument, Sent.Trade trade) {
        BigDecimal contract = instrument.contractSize();
        return new Recorded.Decoded(
                instrument.symbol(),
                trade.id().toString(),
                trade.price(),
                contract.compareTo(BigDecimal.ONE) == 0
                        ? trade.size()
                        : trade.size().multiply(contract),
                trade.takerSide().id(),
                trade.executedAtNanos());
    }
}
