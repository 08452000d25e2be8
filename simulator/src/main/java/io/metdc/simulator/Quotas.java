package io.metdc.simulator;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// The quotas of one exchange, by name: what two markets ask for by one name, they share. Figures that the
/// options set take the place of the exchange's own.
final class Quotas {
    /// In which time the connections are counted that the options allow.
    private static final Duration CONNECTS_PER = Duration.ofMinutes(5);

    private final SimulatorOptions options;
    private final Breaches breaches;
    private final Map<String, Quota> rest = new ConcurrentHashMap<>();
    private final Map<String, Quota> connects = new ConcurrentHashMap<>();
    private final Map<String, Door> doors = new ConcurrentHashMap<>();

    Quotas(SimulatorOptions options, Breaches breaches) {
        this.options = options;
        this.breaches = breaches;
    }

    /// Of REST, in stretches of the clock.
    Quota rest(String name, int most, Duration per, Quota.Penalty penalty) {
        int allowed = options.restWeight() == 0 ? most : options.restWeight();
        return rest.computeIfAbsent(name, _ -> Quota.ofStretches(Limit.REST, allowed, per, penalty, breaches));
    }

    /// Of requests with an `Origin`.
    Quota withOrigin(int most, Duration per, Quota.Penalty penalty) {
        return rest.computeIfAbsent("origin", _ -> Quota.ofStretches(Limit.ORIGIN, most, per, penalty, breaches));
    }

    /// Attempts to connect, in any stretch of this length.
    Quota connects(String name, int most, Duration per, Quota.Penalty penalty) {
        int set = options.connects();
        return connects.computeIfAbsent(
                name,
                _ -> Quota.ofAnyStretch(
                        Limit.CONNECTS, set == 0 ? most : set, set == 0 ? per : CONNECTS_PER, penalty, breaches));
    }

    /// @param name      of those that are counted together
    /// @param most      connections by the documents, 0 where they say nothing
    /// @param tolerated connections in fact
    Door door(String name, Quota attempts, int most, int tolerated) {
        int set = options.connections();
        return doors.computeIfAbsent(
                name, _ -> new Door(attempts, set == 0 ? most : set, set == 0 ? tolerated : set, breaches));
    }

    Door door(String name, Quota attempts, int most) {
        return door(name, attempts, most, most);
    }
}
