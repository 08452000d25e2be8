package io.metdc.benchmarks;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/// Runs a JMH class several times over and prints its benchmarks beside their bound. A ratio is taken within a round
/// and the median of the rounds counts, so that a machine that is busy for a while does not decide it.
final class Comparison {
    private static final int ROUNDS = 3;
    private static final String ALLOCATED = "gc.alloc.rate.norm";

    private final Class<?> benchmarks;
    private final String bound;
    private final int rounds;

    private Comparison(Class<?> benchmarks, String bound, int rounds) {
        this.benchmarks = benchmarks;
        this.bound = bound;
        this.rounds = rounds;
    }

    /// @param bound the benchmark that the others are compared with
    /// @param args  the number of rounds, if anything
    static Comparison of(Class<?> benchmarks, String bound, String[] args) {
        return new Comparison(benchmarks, bound, args.length > 0 ? Integer.parseInt(args[0]) : ROUNDS);
    }

    /// What was measured for one benchmark, a value for each round.
    private static final class Line {
        private final List<Double> nanos = new ArrayList<>();
        private final List<Double> allocated = new ArrayList<>();
        private final List<Double> ratios = new ArrayList<>();
    }

    /// A benchmark with its parameters.
    private record Name(String parameters, String benchmark) {}

    void print() throws RunnerException {
        PrintStream out = System.out;
        out.println("| parameters | benchmark | ns | of " + bound + " | rounds | bytes allocated |");
        out.println("|---|---|---|---|---|---|");
        measure().forEach((name, line) -> {
            double[] ratios = line.ratios.stream()
                    .mapToDouble(Double::doubleValue)
                    .sorted()
                    .toArray();
            out.printf(
                    Locale.ROOT,
                    "| %s | %s | %.1f | %.2f | %.2f–%.2f | %.0f |%n",
                    name.parameters,
                    name.benchmark,
                    median(line.nanos),
                    median(line.ratios),
                    ratios[0],
                    ratios[ratios.length - 1],
                    median(line.allocated));
        });
    }

    private Map<Name, Line> measure() throws RunnerException {
        Map<Name, Line> lines = new LinkedHashMap<>();
        for (int round = 0; round < rounds; round++) {
            Collection<RunResult> results = new Runner(new OptionsBuilder()
                            .include("^" + benchmarks.getName() + "\\.")
                            .addProfiler(GCProfiler.class)
                            .jvmArgsAppend(
                                    "--sun-misc-unsafe-memory-access=allow") // JMH's own; it would warn each time
                            .verbosity(VerboseMode.SILENT)
                            .shouldFailOnError(true)
                            .build())
                    .run();
            Map<String, Double> bounds = new LinkedHashMap<>();
            for (RunResult result : results) {
                Name name = name(result.getParams());
                if (name.benchmark.equals(bound)) {
                    bounds.put(name.parameters, result.getPrimaryResult().getScore());
                }
            }
            for (RunResult result : results) {
                Name name = name(result.getParams());
                double nanos = result.getPrimaryResult().getScore();
                Result<?> allocated = result.getSecondaryResults().get(ALLOCATED);
                Line line = lines.computeIfAbsent(name, _ -> new Line());
                line.nanos.add(nanos);
                line.allocated.add(allocated == null ? Double.NaN : allocated.getScore());
                line.ratios.add(nanos / bounds.getOrDefault(name.parameters, Double.NaN));
            }
        }
        return lines;
    }

    private static Name name(BenchmarkParams params) {
        String method = params.getBenchmark().substring(params.getBenchmark().lastIndexOf('.') + 1);
        List<String> values = new ArrayList<>();
        for (String key : params.getParamsKeys()) {
            values.add(key + " " + params.getParam(key));
        }
        return new Name(String.join(", ", values), method);
    }

    static double median(List<Double> values) {
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
