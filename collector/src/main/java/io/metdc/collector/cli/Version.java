package io.metdc.collector.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IVersionProvider;

/// Which metdc this is.
public final class Version implements IVersionProvider {
    /// From the jar; `development` when the program does not run from one.
    public static String text() {
        @Nullable Package jar = Version.class.getPackage();
        String version = jar == null ? null : jar.getImplementationVersion();
        return version == null ? "development" : version;
    }

    @Override
    public String[] getVersion() {
        return new String[] {"metdc " + text(), "Java " + Runtime.version()};
    }
}
