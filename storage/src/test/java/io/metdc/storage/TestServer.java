package io.metdc.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;

/// The servers that the suite runs on, each started once for all tests and with a fresh database for each.
enum TestServer {
    /// Ours: always there.
    EMBEDDED {
        @Override
        String absent() {
            return "";
        }

        @Override
        DatabaseAddress superuser() throws DatabaseException {
            return Embedded.SERVER.superuser();
        }

        @Override
        DatabaseAddress owner() throws DatabaseException {
            return Embedded.SERVER.owner();
        }
    },
    /// TimescaleDB under its own licence in a container.
    TIMESCALEDB {
        @Override
        String absent() {
            return DockerClientFactory.instance().isDockerAvailable() ? "" : "there is no Docker for TimescaleDB";
        }

        @Override
        DatabaseAddress superuser() throws DatabaseException {
            PostgreSQLContainer container = Container.SERVER;
            return DatabaseAddress.parse(container.getJdbcUrl(), container.getUsername(), container.getPassword());
        }

        @Override
        DatabaseAddress owner() throws DatabaseException {
            return superuser();
        }
    },
    /// Whatever `METDC_TEST_DATABASE_URL` names: a user there that may create databases.
    NAMED {
        @Override
        String absent() {
            return System.getenv(NAME) == null ? NAME + " is not set" : "";
        }

        @Override
        DatabaseAddress superuser() throws DatabaseException {
            return DatabaseAddress.parse(System.getenv(NAME), null, null);
        }

        @Override
        DatabaseAddress owner() throws DatabaseException {
            return superuser();
        }
    };

    private static final String NAME = "METDC_TEST_DATABASE_URL";
    private static final AtomicInteger DATABASES = new AtomicInteger();

    /// Why it cannot be used here; empty when it can.
    abstract String absent();

    abstract DatabaseAddress superuser() throws DatabaseException;

    /// The role that metdc logs in as.
    abstract DatabaseAddress owner() throws DatabaseException;

    void require() {
        Assumptions.assumeTrue(absent().isEmpty(), this::absent);
    }

    /// A new, empty database of that role.
    Fresh fresh(Path dataDirectory) throws DatabaseException, SQLException {
        String name = "metdc_test_" + ProcessHandle.current().pid() + "_" + DATABASES.incrementAndGet();
        try (Connection connection = connect(superuser());
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name + " OWNER " + owner().user());
        }
        return new Fresh(this, name, dataDirectory);
    }

    /// @param name of the database
    record Fresh(TestServer server, String name, Path dataDirectory) implements AutoCloseable {
        DatabaseAddress address() throws DatabaseException {
            return in(server.owner());
        }

        DatabaseAddress superuser() throws DatabaseException {
            return in(server.superuser());
        }

        private DatabaseAddress in(DatabaseAddress login) throws DatabaseException {
            int slash = login.jdbcUrl().lastIndexOf('/');
            int options = login.jdbcUrl().indexOf('?', slash);
            String url = login.jdbcUrl().substring(0, slash + 1)
                    + name
                    + (options < 0 ? "" : login.jdbcUrl().substring(options));
            return DatabaseAddress.parse(url, login.user(), login.password());
        }

        int port() throws DatabaseException {
            String place = address().place();
            return Integer.parseInt(place.substring(place.lastIndexOf(':') + 1, place.indexOf('/')));
        }

        StorageSettings settings() throws DatabaseException {
            return StorageSettings.external(
                    address().jdbcUrl(), address().user(), address().password(), dataDirectory);
        }

        /// The same by way of another port on this machine.
        StorageSettings settingsThrough(int port) throws DatabaseException {
            String url = address().jdbcUrl().replaceFirst("//[^/]*/", "//127.0.0.1:" + port + "/");
            return StorageSettings.external(url, address().user(), address().password(), dataDirectory);
        }

        Connection connect() throws SQLException, DatabaseException {
            return TestServer.connect(address());
        }

        @Override
        public void close() throws SQLException, DatabaseException {
            if (server == EMBEDDED) { // it is thrown away as a whole
                return;
            }
            try (Connection connection = TestServer.connect(server.superuser());
                    Statement statement = connection.createStatement()) {
                statement.execute("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
            }
        }
    }

    static Connection connect(DatabaseAddress address) throws SQLException {
        return DriverManager.getConnection(address.jdbcUrl(), address.user(), address.password());
    }

    /// A copy of a stopped embedded server's folder, which is made faster than a new one.
    static void copyEmbedded(Path dataDirectory) throws IOException {
        Path template = Template.FOLDER;
        try (Stream<Path> files = Files.walk(template)) {
            for (Path file : files.toList()) {
                Path copy = dataDirectory.resolve(template.relativize(file).toString());
                if (file.toString().contains("/binaries/") && Files.isRegularFile(file)) {
                    Files.createLink(copy, file);
                } else if (!Files.exists(copy)) {
                    Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
                }
            }
        }
        Path server = dataDirectory.resolve("postgresql");
        Files.deleteIfExists(server.resolve("port"));
        // Nothing here has to survive the machine.
        Files.writeString(server.resolve("data").resolve("local.conf"), "fsync = off\nfull_page_writes = off\n");
    }

    private static final class Template {
        static final Path FOLDER = make();

        private static Path make() {
            try {
                Path folder = Files.createTempDirectory("metdc-test-template");
                EmbeddedPostgres server = EmbeddedPostgres.in(folder);
                server.start();
                server.stop(Duration.ofSeconds(20));
                Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                    try {
                        PostgresBinaries.delete(folder);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }));
                return folder;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static final class Embedded {
        static final EmbeddedPostgres SERVER = start();

        private static EmbeddedPostgres start() {
            try {
                Path folder = Files.createTempDirectory("metdc-test-postgres");
                copyEmbedded(folder);
                EmbeddedPostgres server = EmbeddedPostgres.in(folder);
                assertThat(server.start()).isEqualTo(EmbeddedPostgres.Started.STARTED);
                Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                    try {
                        server.stop(Duration.ofSeconds(20));
                        PostgresBinaries.delete(folder);
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                }));
                return server;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static final class Container {
        static final PostgreSQLContainer SERVER = start();

        private static PostgreSQLContainer start() {
            PostgreSQLContainer container = new PostgreSQLContainer(
                    DockerImageName.parse("timescale/timescaledb:2.28.3-pg17").asCompatibleSubstituteFor("postgres"));
            container.start(); // Testcontainers removes it when this process ends
            return container;
        }
    }
}
