package io.metdc.collector.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.metdc.collector.frames.CompressedFrames;
import io.metdc.collector.frames.FrameRecording;
import io.metdc.collector.probe.Verdict.Outcome;
import io.metdc.connectors.Connectors;
import io.metdc.connectors.Network;
import io.metdc.market.Exchange;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.simulator.Address;
import io.metdc.simulator.Fault;
import io.metdc.simulator.Simulator;
import io.metdc.simulator.SimulatorOptions;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A first contact that finds out what changed, and only that.
class ProbeTest {
    private static final Market SPOT = SimulatorOptions.BINANCE_SPOT;
    private static final Market FUTURES = SimulatorOptions.BINANCE_FUTURES;

    @TempDir
    private Path folder;

    private static ProbeReport probe(Simulator simulator, Market market) throws Exception {
        return probe(simulator, market, null);
    }

    private static ProbeReport probe(Simulator simulator, Market market, FrameRecording recording) throws Exception {
        Address address = simulator.address(market);
        return new Probe(
                        Connectors.of(market).orElseThrow(),
                        address.websocket(),
                        address.rest(),
                        Network.DEFAULT,
                        Duration.ofSeconds(1),
                        recording,
                        InstantSource.system())
                .run();
    }

    private static Simulator simulator() throws Exception {
        return Simulator.start(SimulatorOptions.builder().rate(2_000).build());
    }

    private static Verdict about(ProbeReport report, String words) {
        return report.verdicts().stream()
                .filter(verdict -> verdict.what().contains(words))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void an_exchange_as_documented_gives_no_cause_for_alarm() throws Exception {
        try (Simulator simulator = simulator()) {
            for (Market market : simulator.markets()) {
                ProbeReport report = probe(simulator, market);

                assertThat(report.isFine()).as("%s", report).isTrue();
                assertThat(report.instruments()).hasSize(5).first().asString().contains("BTC");
                assertThat(about(report, "trades arrive").outcome()).isEqualTo(Outcome.HOLDS);
                assertThat(about(report, "by stream and by REST").outcome()).isEqualTo(Outcome.HOLDS);
                assertThat(about(report, "no number out").outcome()).isEqualTo(Outcome.HOLDS);
            }
        }
    }

    @Test
    void a_snapshot_whose_oldest_rows_cannot_be_numbered_is_no_change_of_the_wire_format() throws Exception {
        Market market = new Market(Exchange.PHEMEX, MarketType.SPOT);
        try (Simulator simulator = Simulator.start(
                SimulatorOptions.builder().markets(market).rate(500).build())) {
            ProbeReport report = probe(simulator, market);

            assertThat(report.isFine()).as("%s", report).isTrue();
            assertThat(about(report, "can be read").outcome()).isEqualTo(Outcome.HOLDS);
            assertThat(about(report, "trades arrive").outcome()).isEqualTo(Outcome.HOLDS);
        }
    }

    @Test
    void every_trade_that_a_probe_saw_is_in_its_recording() throws Exception {
        ProbeReport report;
        try (Simulator simulator = simulator();
                FrameRecording recording =
                        FrameRecording.open(folder, FrameRecording.DEFAULT_BYTES, InstantSource.system())) {
            report = probe(simulator, SPOT, recording);
        }

        List<Path> files;
        try (Stream<Path> all = Files.list(folder)) {
            files = all.toList();
        }
        assertThat(files).hasSize(1);
        String text;
        try (InputStream in = CompressedFrames.uncompressed(Files.newInputStream(files.getFirst()))) {
            text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        assertThat(report.trades()).isPositive();
        assertThat(text.lines().filter(line -> line.contains("\"e\":\"trade\"")))
                .hasSize((int) report.trades());
        assertThat(text.lines().skip(1)).allMatch(line -> line.contains(" binance-spot-probe text {"));
    }

    @Test
    void three_changes_are_found_and_named_and_nothing_else_is() throws Exception {
        try (Simulator simulator = simulator()) {
            simulator.inject(Fault.WRONG_UNIT, FUTURES);
            ProbeReport unit = probe(simulator, FUTURES);
            assertThat(unit.isFine()).isFalse();
            assertThat(about(unit, "market's unit").outcome()).isEqualTo(Outcome.CHANGED);
            assertThat(about(unit, "market's unit").advice()).contains("time_unit");
            assertThat(about(unit, "acknowledged").outcome()).isEqualTo(Outcome.HOLDS);

            simulator.inject(Fault.MUTE, SPOT);
            ProbeReport mute = probe(simulator, SPOT);
            assertThat(about(mute, "trades arrive").outcome()).isEqualTo(Outcome.CHANGED);
            assertThat(about(mute, "acknowledged").outcome()).isEqualTo(Outcome.HOLDS);
            simulator.clear(Fault.MUTE, SPOT);

            simulator.inject(Fault.REST_451, SPOT);
            ProbeReport refused = probe(simulator, SPOT);
            assertThat(about(refused, "list of instruments").outcome()).isEqualTo(Outcome.CHANGED);
            assertThat(about(refused, "list of instruments").measured()).contains("451");
        }
    }
}
