package io.metdc.collector.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.metdc.collector.faults.Fault.Kind;
import io.metdc.collector.faults.FaultPlan.Planned;
import io.metdc.simulator.SimulatorOptions;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FaultPlanTest {
    private static final Duration LENGTH = Duration.ofMinutes(10);
    private static final Duration EVERY = Duration.ofSeconds(5);

    private static FaultPlan plan(long seed, Set<Kind> kinds) {
        return FaultPlan.of(seed, LENGTH, EVERY, kinds, SimulatorOptions.ALL_MARKETS);
    }

    @Test
    void a_run_can_be_repeated_by_its_seed() {
        assertThat(plan(7, Fault.ALL)).isEqualTo(plan(7, Fault.ALL)).isNotEqualTo(plan(8, Fault.ALL));
    }

    @Test
    void every_kind_happens_within_two_minutes_whatever_the_seed() {
        for (long seed = 0; seed < 50; seed++) {
            FaultPlan plan = FaultPlan.of(seed, Duration.ofMinutes(2), EVERY, Fault.ALL, SimulatorOptions.ALL_MARKETS);
            assertThat(plan.faults())
                    .as("seed %d", seed)
                    .extracting(planned -> planned.fault().kind())
                    .contains(Kind.values());
        }
    }

    @Test
    void faults_of_a_kind_never_overlap_and_all_are_over_at_the_end() {
        for (long seed = 0; seed < 50; seed++) {
            Map<Kind, Duration> busyUntil = new EnumMap<>(Kind.class);
            Duration before = Duration.ZERO;
            for (Planned planned : plan(seed, Fault.ALL).faults()) {
                Kind kind = planned.fault().kind();
                assertThat(planned.at())
                        .isGreaterThanOrEqualTo(before)
                        .isGreaterThanOrEqualTo(busyUntil.getOrDefault(kind, Duration.ZERO));
                before = planned.at();
                busyUntil.put(kind, planned.at().plus(planned.fault().lasts()));
                assertThat(busyUntil.get(kind)).isLessThanOrEqualTo(LENGTH);
            }
        }
    }

    @Test
    void one_fault_happens_in_each_stretch() {
        assertThat(plan(3, Fault.ALL).faults()).hasSizeBetween(118, 120);
        assertThat(FaultPlan.of(
                                3,
                                Duration.ofSeconds(40),
                                Duration.ofSeconds(2),
                                Set.of(Kind.KILL),
                                SimulatorOptions.ALL_MARKETS)
                        .faults())
                .hasSize(20);
    }
}
