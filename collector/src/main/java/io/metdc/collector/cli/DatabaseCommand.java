package io.metdc.collector.cli;

import io.metdc.collector.config.Configuration;
import io.metdc.collector.config.Setting;
import io.metdc.collector.config.Settings;
import io.metdc.collector.config.StorageSettings;
import io.metdc.storage.DatabaseAddress;
import io.metdc.storage.EmbeddedPostgres;
import java.io.PrintStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `metdc database`.
@Command(name = "database", description = "The database for other tools; the embedded server by itself.")
final class DatabaseCommand {
    private static final Duration STOP = Duration.ofSeconds(60);

    private DatabaseCommand() {}

    static CommandLine commandLine(Surroundings surroundings) {
        return new CommandLine(new DatabaseCommand())
                .addSubcommand(new Url(surroundings))
                .addSubcommand(new Start(surroundings))
                .addSubcommand(new Stop(surroundings));
    }

    private static EmbeddedPostgres embedded(Settings settings) throws CommandException {
        if (!settings.storage().isEmbedded()) {
            throw CommandException.usage("storage.url is set, so metdc runs no server of its own");
        }
        return EmbeddedPostgres.in(settings.dataDirectory());
    }

    @Command(
            name = "url",
            description = {
                "Prints the address of the database for psql, Python and other tools; who logs in there and where the"
                        + " password lies goes to standard error.",
                "",
                "Of the embedded server it is the address of a role that can only read."
            })
    private static final class Url implements Callable<Integer> {
        private final Surroundings surroundings;

        @Mixin
        private ConfigurationOptions options = new ConfigurationOptions();

        @Option(names = "--owner", description = "The role that owns the tables, and may change everything.")
        private boolean owner;

        @Option(names = "--with-password", description = "Put the password into the address.")
        private boolean withPassword;

        Url(Surroundings surroundings) {
            this.surroundings = surroundings;
        }

        @Override
        public Integer call() throws Exception {
            Configuration configuration = options.load(surroundings);
            Settings settings = configuration.settings();
            Terminal terminal = surroundings.terminal();
            StorageSettings storage = settings.storage();
            if (storage.isEmbedded()) {
                EmbeddedPostgres server = embedded(settings);
                if (!server.exists()) {
                    throw CommandException.failed("there is no database in " + settings.dataDirectory()
                            + " yet: metdc run makes it, or metdc database start");
                }
                DatabaseAddress address = owner ? server.owner() : server.reader();
                terminal.out().println(url(address));
                String file = server.passwordFile(address.user()).toString();
                PrintStream err = terminal.err();
                err.println("role " + address.user() + (owner ? ", owner of the tables" : ", can only read")
                        + "; its password is in " + file);
                err.println("PGPASSWORD=$(cat '" + file + "') psql " + address.url());
                if (!server.isRunning()) {
                    err.println("the server is not running now: metdc run or metdc database start starts it");
                }
            } else {
                DatabaseAddress address = DatabaseAddress.parse(
                        Objects.requireNonNull(storage.url()),
                        storage.user(),
                        storage.password() == null ? null : storage.password().reveal());
                terminal.out().println(url(address));
                terminal.err().println("role " + address.user() + "; its password " + passwordPlace(configuration));
                terminal.err().println("psql " + address.url());
            }
            return ExitCode.OK;
        }

        private String url(DatabaseAddress address) {
            String password = address.password();
            if (!withPassword || password == null) {
                return address.url();
            }
            String encoded = URLEncoder.encode(password, StandardCharsets.UTF_8).replace("+", "%20");
            return address.url().replaceFirst("@", ":" + encoded + "@");
        }

        private static String passwordPlace(Configuration configuration) {
            for (Setting setting : configuration.all()) {
                if (setting.key().startsWith("storage.password")
                        && setting.isSet()
                        && !setting.shown().isEmpty()) {
                    return setting.key().endsWith("_file")
                            ? "is in the file " + setting.shown()
                            : "comes from " + setting.origin();
                }
            }
            return configuration.settings().storage().password() == null
                    ? "is not known to metdc"
                    : "is part of storage.url";
        }
    }

    @Command(
            name = "start",
            description = {
                "Starts the embedded server by itself. It stays until metdc database stop, also when a metdc run that used"
                        + " it ends."
            })
    private static final class Start implements Callable<Integer> {
        private final Surroundings surroundings;

        @Mixin
        private ConfigurationOptions options = new ConfigurationOptions();

        Start(Surroundings surroundings) {
            this.surroundings = surroundings;
        }

        @Override
        public Integer call() throws Exception {
            EmbeddedPostgres server = embedded(options.load(surroundings).settings());
            boolean started = switch (server.startToStay()) {
                case STARTED -> true;
                case ADOPTED -> false;
            };
            surroundings
                    .terminal()
                    .out()
                    .println((started ? "started: " : "was running already, and stays: ")
                            + server.reader().place());
            return ExitCode.OK;
        }
    }

    @Command(
            name = "stop",
            description = {
                "Stops the embedded server. A collector that runs meanwhile keeps its trades in the journal until the server"
                        + " is back."
            })
    private static final class Stop implements Callable<Integer> {
        private final Surroundings surroundings;

        @Mixin
        private ConfigurationOptions options = new ConfigurationOptions();

        Stop(Surroundings surroundings) {
            this.surroundings = surroundings;
        }

        @Override
        public Integer call() throws Exception {
            EmbeddedPostgres server = embedded(options.load(surroundings).settings());
            surroundings.terminal().out().println(server.stop(STOP) ? "stopped" : "was not running");
            return ExitCode.OK;
        }
    }
}
