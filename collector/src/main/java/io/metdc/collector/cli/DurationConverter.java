package io.metdc.collector.cli;

import io.metdc.collector.config.Amounts;
import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// Lengths of time on the command line are written as in the configuration.
final class DurationConverter implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
        Duration duration = Amounts.duration(text);
        if (duration == null || duration.isZero()) {
            throw new TypeConversionException(
                    "'" + text + "' is not a length of time such as 500ms, 10s, 30m, 24h or 7d");
        }
        return duration;
    }
}
