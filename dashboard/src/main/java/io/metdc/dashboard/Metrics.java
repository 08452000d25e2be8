package io.metdc.dashboard;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The situation in numbers, in the text format of Prometheus: everything of metdc's own from one look at the status,
/// so that the sums of one scrape fit each other; what Micrometer knows of the JVM and the process besides. Any thread.
///
/// Times are in seconds, sizes in bytes, shares from 0 to 1; what only grows ends in `_total`.
final class Metrics implements AutoCloseable {
    private final Status status;
    private final PrometheusMeterRegistry registry;
    private final JvmGcMetrics garbage = new JvmGcMetrics();

    Metrics(Status status) {
        this.status = status;
        PrometheusRegistry prometheus = new PrometheusRegistry();
        registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT, prometheus, Clock.SYSTEM);
        new ClassLoaderMetrics().bindTo(registry);
        new JvmMemoryMetrics().bindTo(registry);
        garbage.bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        prometheus.register((MultiCollector) this::collect);
    }

    String scrape() {
        return registry.scrape();
    }

    @Override
    public void close() {
        garbage.close();
        registry.close();
    }

    private MetricSnapshots collect() {
        Pulse pulse = status.pulse();
        Situation now = status.situation();
        List<MetricSnapshot> all = new ArrayList<>();
        all.add(GaugeSnapshot.builder()
                .name("metdc_info")
                .help("What runs.")
                .dataPoint(gauge(1, Labels.of("version", now.version())))
                .build());
        all.add(gauge("metdc_health_ratio", "Share of the instruments that is recorded now.", now.health()));
        all.add(gauge("metdc_ready", "1 while everything is recorded.", now.isReady() ? 1 : 0));
        all.add(counter("metdc_progress", "Grows while everything that has work moves.", pulse.progress()));
        GaugeSnapshot.Builder stuck =
                GaugeSnapshot.builder().name("metdc_stage_stuck").help("1 for a part that has work and does nothing.");
        for (Situation.Stage stage : now.stages()) {
            stuck.dataPoint(gauge(stage.isStuck() ? 1 : 0, Labels.of("stage", stage.name())));
        }
        all.add(stuck.build());
        if (now.collected() != null) {
            collected(all, now.collected());
        }
        return new MetricSnapshots(all);
    }

    private static void collected(List<MetricSnapshot> all, Situation.Collected now) {
        Situation.Trades trades = now.trades();
        all.add(counter(
                "metdc_trades_received", "Trade rows: stored + duplicate + rejected + under way.", trades.received()));
        all.add(counter("metdc_trades_stored", "Trades that were not in the database before.", trades.stored()));
        all.add(counter("metdc_trades_duplicate", "The same trade again.", trades.duplicate()));
        all.add(counter("metdc_trades_rejected", "Not stored, with a reason.", trades.rejected()));
        all.add(counter("metdc_trades_unknown", "Of the rejected: instruments not collected.", trades.unknown()));
        all.add(counter("metdc_trades_late", "Came after one with a higher number.", trades.late()));
        all.add(counter("metdc_ids_consumed", "Numbers that were no public trade.", trades.consumed()));
        all.add(gauge("metdc_holes_open", "Holes in the ledger that are known to be open.", now.holes()));
        Situation.Journal journal = now.journal();
        all.add(gauge("metdc_journal_lag_bytes", "Journaled and not in the database.", journal.lagBytes()));
        if (journal.behind() != null) {
            all.add(gauge(
                    "metdc_journal_lag_seconds",
                    "Age of the oldest trade that may not be in the database.",
                    journal.behind().toMillis() / 1e3));
        }
        all.add(gauge("metdc_journal_waiting_rows", "Rows that wait for the journal.", journal.waiting()));
        all.add(gauge("metdc_journal_used_ratio", "Of journal.max_size.", journal.percent() / 100.0));
        all.add(gauge("metdc_journal_disk_used_ratio", "Of the journal's disk.", journal.diskPercent() / 100.0));
        all.add(gauge(
                "metdc_journal_taking",
                "0 while the journal takes nothing.",
                journal.isReading() && journal.refusal() == null ? 1 : 0));
        Situation.DatabaseState database = now.database();
        all.add(gauge("metdc_database_writing", "1 while trades are stored.", isWriting(database) ? 1 : 0));
        all.add(histogram("metdc_commit_seconds", "How long transactions took.", List.of(now.commits())));
        all.add(histogram(
                "metdc_exchange_to_receive_seconds",
                "From the exchange's time of a trade to our receipt, both clocks as they are.",
                now.receipt()));
        markets(all, now.markets());
        all.add(gauge(
                "metdc_listings_recording",
                "Listings that are being recorded.",
                now.listings().size()));
    }

    private static boolean isWriting(Situation.DatabaseState database) {
        return database.trouble() == null && database.state().equals("writing");
    }

    private static void markets(List<MetricSnapshot> all, List<Situation.MarketState> markets) {
        Map<String, GaugeSnapshot.Builder> gauges = new LinkedHashMap<>();
        gauges.put("", builder("metdc_instruments", "To be collected."));
        gauges.put("acknowledged", builder("metdc_instruments_acknowledged", "That the exchange has confirmed."));
        gauges.put("delivering", builder("metdc_instruments_delivering", "Whose trades come."));
        gauges.put("quiet", builder("metdc_instruments_quiet", "That do not trade, as REST confirms."));
        gauges.put("silent", builder("metdc_instruments_silent", "That trade, as REST says, and give nothing."));
        GaugeSnapshot.Builder workers = builder("metdc_workers", "Connections by state.");
        CounterSnapshot.Builder resets =
                CounterSnapshot.builder().name("metdc_resets").help("Connections that were replaced without a gap.");
        GaugeSnapshot.Builder clocks =
                builder("metdc_exchange_clock_ahead_seconds", "How far the exchange's clock is ahead of ours.");
        CounterSnapshot.Builder received =
                CounterSnapshot.builder().name("metdc_market_trades_received").help("Trade rows of a market.");
        for (Situation.MarketState market : markets) {
            Labels labels = Labels.of("exchange", market.exchange(), "market", market.market());
            Map<String, Integer> counts = Map.of(
                    "", market.instruments(),
                    "acknowledged", market.acknowledged(),
                    "delivering", market.delivering(),
                    "quiet", market.quiet(),
                    "silent", market.silent());
            gauges.forEach((name, gauge) -> gauge.dataPoint(gauge(Objects.requireNonNull(counts.get(name)), labels)));
            resets.dataPoint(CounterDataPointSnapshot.builder()
                    .value((double) market.resets())
                    .labels(labels)
                    .build());
            received.dataPoint(CounterDataPointSnapshot.builder()
                    .value((double) market.received())
                    .labels(labels)
                    .build());
            if (market.clockAhead() != null) {
                clocks.dataPoint(gauge(market.clockAhead().toNanos() / 1e9, labels));
            }
            Map<String, Integer> states = new TreeMap<>();
            market.workers().forEach(worker -> states.merge(worker.state(), 1, Integer::sum));
            states.forEach((state, count) ->
                    workers.dataPoint(gauge(count, labels.merge(Labels.of("state", state.replace(' ', '_'))))));
        }
        gauges.values().forEach(gauge -> all.add(gauge.build()));
        all.add(resets.build());
        all.add(clocks.build());
        all.add(workers.build());
        all.add(received.build());
    }

    private static GaugeSnapshot.Builder builder(String name, String help) {
        return GaugeSnapshot.builder().name(name).help(help);
    }

    private static GaugeSnapshot gauge(String name, String help, Number value) {
        return builder(name, help).dataPoint(gauge(value.doubleValue(), null)).build();
    }

    private static GaugeDataPointSnapshot gauge(double value, @Nullable Labels labels) {
        return GaugeDataPointSnapshot.builder()
                .value(value)
                .labels(labels == null ? Labels.EMPTY : labels)
                .build();
    }

    private static CounterSnapshot counter(String name, String help, Number value) {
        return CounterSnapshot.builder()
                .name(name)
                .help(help)
                .dataPoint(CounterDataPointSnapshot.builder()
                        .value(value.doubleValue())
                        .build())
                .build();
    }

    private static HistogramSnapshot histogram(String name, String help, List<Latency> latencies) {
        HistogramSnapshot.Builder histogram =
                HistogramSnapshot.builder().name(name).help(help);
        for (Latency latency : latencies) {
            List<Double> ends = new ArrayList<>();
            latency.upToMillis().forEach(millis -> ends.add(millis / 1e3));
            ends.add(Double.POSITIVE_INFINITY);
            Labels labels = latency.ofWhat().isEmpty()
                    ? Labels.EMPTY
                    : Labels.of(
                            "exchange",
                            latency.ofWhat().getFirst(),
                            "market",
                            latency.ofWhat().getLast());
            histogram.dataPoint(HistogramDataPointSnapshot.builder()
                    .classicHistogramBuckets(ClassicHistogramBuckets.of(ends, List.<Number>copyOf(latency.counts())))
                    .sum(latency.totalSeconds())
                    .labels(labels)
                    .build());
        }
        return histogram.build();
    }
}
