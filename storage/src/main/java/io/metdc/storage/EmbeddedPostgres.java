package io.metdc.storage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGProperty;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// PostgreSQL as metdc runs it itself: durable, on loopback only, with passwords.
///
/// ```
/// data/postgresql/          0700
///   binaries/<checksum>/    the programs, unpacked once
///   data/                   the cluster; data/metdc.conf holds our settings, data/local.conf may hold yours
///   passwords/<role>        0600: postgres (superuser), metdc (owner), metdc_reader (reads only)
///   port                    chosen at the first start; another one when somebody else has taken it
///   log/                    the server's own log, one file per weekday
///   stay                    is there when `metdc database start` started it: then the collector leaves it running
/// ```
///
/// The server is a process of its own that outlives us. Where ours was killed, the next start adopts it. Methods
/// may be called from any thread and from several processes: a lock file lets one of them at a time start or
/// stop.
public final class EmbeddedPostgres {
    static final String SUPERUSER = "postgres";
    static final String OWNER = "metdc";
    static final String READER = "metdc_reader";
    static final String DATABASE = "metdc";

    private static final Logger log = LoggerFactory.getLogger(EmbeddedPostgres.class);
    private static final Duration START = Duration.ofSeconds(60);
    private static final Duration AFTER_KILL = Duration.ofSeconds(10);
    private static final Duration NO_PID_FILE = Duration.ofSeconds(10);
    private static final Duration UNFINISHED = Duration.ofSeconds(2);
    private static final Duration INITDB = Duration.ofSeconds(60);
    /// Below the range from which systems take ports for outgoing connections, so that none of those has it at
    /// the next start.
    private static final int FIRST_PORT = 20_000;

    private static final int PORTS = 12_000;
    private static final long POLL_MILLIS = 20;

    private static final ReentrantLock IN_PROCESS = new ReentrantLock();

    private final Path folder;
    private final ServerAccount.Machine machine;

    private EmbeddedPostgres(Path folder, ServerAccount.Machine machine) {
        this.folder = folder;
        this.machine = machine;
    }

    /// The server of this data folder; nothing is done yet.
    public static EmbeddedPostgres in(Path dataDirectory) {
        return in(dataDirectory, ServerAccount.Machine.REAL);
    }

    static EmbeddedPostgres in(Path dataDirectory, ServerAccount.Machine machine) {
        return new EmbeddedPostgres(
                dataDirectory.resolve("postgresql").toAbsolutePath().normalize(), machine);
    }

    /// What [#start()] did.
    public enum Started {
        /// There was none: this call started it.
        STARTED,
        /// It was running already, for instance because the process that started it was killed.
        ADOPTED
    }

    /// Starts the server, or adopts the one that runs, and waits until it answers; makes the database and its
    /// roles. The first start unpacks the programs and creates the cluster, which takes two or three seconds.
    ///
    /// @throws DatabaseException names the stage that failed or took too long, and what can be done
    public Started start() throws DatabaseException, InterruptedException {
        String stage = "preparing " + folder;
        try {
            makePrivateFolder(folder);
            try (var _ = locked()) {
                ServerAccount account = ServerAccount.choose(machine, folder);
                stage = "unpacking its programs";
                PostgresBinaries binaries = PostgresBinaries.unpack(folder.resolve("binaries"));
                account.own(folder, binaries.fresh());
                stage = "checking the version of " + cluster();
                boolean created = checkVersion(account, binaries);
                if (!created) {
                    stage = "creating the cluster (initdb)";
                    create(account, binaries);
                }
                stage = "looking for a server that runs already";
                if (adopt()) {
                    makeRoles();
                    return Started.ADOPTED;
                }
                stage = "starting";
                boolean up = false;
                try {
                    launchPatiently(account, binaries);
                    stage = "making its roles";
                    makeRoles();
                    up = true;
                } finally {
                    if (!up) {
                        stopUnfinished(account, binaries);
                    }
                }
                binaries.removeOthers();
                return Started.STARTED;
            }
        } catch (DatabaseException e) {
            throwIfInterrupted(e);
            throw e;
        } catch (IOException | UncheckedIOException e) {
            throwIfInterrupted(e);
            throw DatabaseException.fatal(
                    "the embedded PostgreSQL failed while " + stage + ": "
                            + e.getClass().getSimpleName() + " " + Trouble.oneLine(e) + "; its folder is " + folder,
                    e);
        }
    }

    /// An interrupt shows itself as a broken connection or a closed file, too.
    private static void throwIfInterrupted(Exception cause) throws InterruptedException {
        if (Thread.interrupted()) {
            var interrupted = new InterruptedException("the start was given up");
            interrupted.initCause(cause);
            throw interrupted;
        }
    }

    /// As [#start()], and the collector will not stop the server at its own end.
    public Started startToStay() throws DatabaseException, InterruptedException {
        Started started = start();
        try {
            Files.writeString(folder.resolve("stay"), "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return started;
    }

    /// Whether the server was started to stay when the collector ends.
    public boolean stays() {
        return Files.exists(folder.resolve("stay"));
    }

    /// Stops the server in good order, cutting its connections, and waits until it is gone.
    ///
    /// @return false when it did not run
    public boolean stop(Duration within) throws DatabaseException, InterruptedException {
        try {
            if (!Files.isDirectory(cluster())) {
                return false;
            }
            try (var _ = locked()) {
                Files.deleteIfExists(folder.resolve("stay"));
                if (!isRunning()) {
                    return false;
                }
                ServerAccount account = ServerAccount.choose(machine, folder);
                PostgresBinaries binaries = PostgresBinaries.unpack(folder.resolve("binaries"));
                String seconds = Long.toString(Math.max(1, within.toSeconds()));
                Output output = run(
                        account.command(
                                binaries.program("pg_ctl"),
                                "stop",
                                "-D",
                                cluster().toString(),
                                "-m",
                                "fast",
                                "-w",
                                "-t",
                                seconds),
                        within.plusSeconds(5));
                if (output.exit() != 0) {
                    throw DatabaseException.fatal("the embedded PostgreSQL did not stop within " + seconds + " s: "
                            + output.lastLine() + "; its log is in " + folder.resolve("log"));
                }
                return true;
            }
        } catch (IOException e) {
            throw DatabaseException.fatal("the embedded PostgreSQL could not be stopped: " + Trouble.oneLine(e), e);
        }
    }

    /// Whether its process is there.
    public boolean isRunning() {
        Optional<PidFile> pid = PidFile.read(cluster());
        return pid.isPresent() && pid.get().isAlive();
    }

    /// Whether it ended without being stopped: its pid file is there and its process is not.
    boolean crashed() {
        Optional<PidFile> pid = PidFile.read(cluster());
        return pid.isPresent() && !pid.get().isAlive();
    }

    /// Whether there is a cluster in this data folder.
    ///
    /// @throws DatabaseException when this user may not even look
    public boolean exists() throws DatabaseException {
        if (Files.isDirectory(folder) && !Files.isExecutable(folder)) {
            throw DatabaseException.fatal("the database in " + folder + " belongs to another user: ask as that user, or"
                    + " with storage.url and the role " + READER);
        }
        return Files.exists(cluster().resolve("PG_VERSION"));
    }

    /// Where the owner of the tables logs in.
    ///
    /// @throws DatabaseException when the server was never started
    public DatabaseAddress owner() throws DatabaseException {
        return login(OWNER, DATABASE);
    }

    /// Where a reader logs in.
    public DatabaseAddress reader() throws DatabaseException {
        return login(READER, DATABASE);
    }

    /// For administration; metdc itself uses it to make the roles only.
    public DatabaseAddress superuser() throws DatabaseException {
        return login(SUPERUSER, DATABASE);
    }

    /// The file that holds this role's password and nothing else.
    public Path passwordFile(String role) {
        return folder.resolve("passwords").resolve(role);
    }

    public Path folder() {
        return folder;
    }

    private Path cluster() {
        return folder.resolve("data");
    }

    private DatabaseAddress login(String role, String database) throws DatabaseException {
        try {
            int port = Integer.parseInt(Files.readString(folder.resolve("port")).strip());
            return DatabaseAddress.local(
                    port, database, role, Files.readString(passwordFile(role)).strip());
        } catch (IOException | NumberFormatException e) {
            throw DatabaseException.fatal(
                    exists()
                            ? "the port or the password of " + role + " of the embedded PostgreSQL cannot be read from "
                                    + folder
                                    + ": put the file back, or move the folder away to begin with a new database"
                            : "the embedded PostgreSQL was never started in " + folder + ": metdc database start",
                    e);
        }
    }

    // ---- before it runs

    private static void makePrivateFolder(Path folder) throws IOException, DatabaseException {
        Files.createDirectories(folder);
        if (!Files.isWritable(folder)) {
            throw DatabaseException.fatal("the folder " + folder + " belongs to " + Files.getOwner(folder)
                    + " and cannot be written: start metdc as that user, or choose another data_directory");
        }
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    }

    /// Within this process and, by the file, among processes.
    private AutoCloseableLock locked() throws IOException, InterruptedException {
        IN_PROCESS.lockInterruptibly();
        try {
            AutoCloseableLock file = lockedFile();
            return () -> {
                try {
                    file.close();
                } finally {
                    IN_PROCESS.unlock();
                }
            };
        } catch (IOException | RuntimeException e) {
            IN_PROCESS.unlock();
            throw e;
        }
    }

    private AutoCloseableLock lockedFile() throws IOException {
        FileChannel channel =
                FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.lock();
            return () -> {
                lock.release();
                channel.close();
            };
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private interface AutoCloseableLock extends AutoCloseable {
        @Override
        void close() throws IOException;
    }

    /// @return whether there is a cluster; it is of our major version then
    private boolean checkVersion(ServerAccount account, PostgresBinaries binaries)
            throws IOException, DatabaseException, InterruptedException {
        if (!exists()) {
            return false;
        }
        String of = Files.readString(cluster().resolve("PG_VERSION")).strip();
        Output version = run(account.command(binaries.program("postgres"), "--version"), INITDB);
        String ours = version.text().replaceFirst("(?s)^\\D*(\\d+).*", "$1"); // postgres (PostgreSQL) 18.6
        if (version.exit() != 0) {
            throw DatabaseException.fatal("the PostgreSQL that metdc brings does not run here: " + version.lastLine()
                    + "; point storage.url to a server");
        }
        if (!of.equals(ours)) {
            throw DatabaseException.fatal(cluster() + " belongs to PostgreSQL " + of + ", and this metdc brings " + ours
                    + ": nothing was touched. Use the metdc that made it, carry the data over with pg_upgrade or pg_dump,"
                    + " or move the folder away to begin with a new database");
        }
        return true;
    }

    private void create(ServerAccount account, PostgresBinaries binaries)
            throws IOException, DatabaseException, InterruptedException {
        if (Files.isDirectory(cluster())) {
            try (var files = Files.list(cluster())) {
                if (files.findAny().isPresent()) {
                    throw DatabaseException.fatal(cluster() + " is no PostgreSQL cluster, and not empty: move it away");
                }
            }
        }
        Path passwords = folder.resolve("passwords");
        Files.createDirectories(passwords);
        for (String role : List.of(SUPERUSER, OWNER, READER)) {
            writePassword(passwords.resolve(role));
        }
        // Made beside its place and renamed, so that an interrupted one is never taken for a cluster.
        Path temporary = folder.resolve("data-new");
        PostgresBinaries.delete(temporary);
        account.own(folder, true);
        Output initdb = run(
                account.command(
                        binaries.program("initdb"),
                        "--pgdata=" + temporary,
                        "--username=" + SUPERUSER,
                        "--pwfile=" + passwords.resolve(SUPERUSER),
                        "--auth=scram-sha-256",
                        "--encoding=UTF8",
                        "--locale-provider=builtin",
                        "--builtin-locale=C.UTF-8",
                        "--locale=C"),
                INITDB);
        if (initdb.exit() != 0) {
            throw DatabaseException.fatal("initdb failed in " + folder + ": " + initdb.lastLine());
        }
        Files.writeString(temporary.resolve("postgresql.conf"), """

                # metdc writes metdc.conf anew at each start; your own settings go into local.conf
                include 'metdc.conf'
                include_if_exists 'local.conf'
                """, StandardOpenOption.APPEND);
        Files.deleteIfExists(cluster());
        Files.move(temporary, cluster(), StandardCopyOption.ATOMIC_MOVE);
    }

    private static void writePassword(Path file) throws IOException {
        byte[] random = new byte[24];
        new SecureRandom().nextBytes(random);
        writePrivately(file, Base64.getUrlEncoder().withoutPadding().encodeToString(random));
    }

    private static void writePrivately(Path file, String text) throws IOException {
        Path temporary = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(temporary);
        Files.createFile(temporary, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(temporary, text);
        try {
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException _) {
            Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    // ---- while it runs

    /// Takes over the server of this very cluster when it runs, waiting for it where it is starting.
    private boolean adopt() throws DatabaseException, InterruptedException, IOException {
        Optional<PidFile> found = PidFile.read(cluster());
        if (found.isEmpty()) {
            return false;
        }
        PidFile file = found.get();
        if (!file.isAlive()) {
            if (file.isTakenByAnotherProgram()) { // PostgreSQL itself would take it for a server that runs
                log.info(
                        "the embedded PostgreSQL's pid {} belongs to another program now: removing its old pid file",
                        file.pid());
                Files.deleteIfExists(PidFile.in(cluster()));
            }
            return false;
        }
        long deadline = System.nanoTime() + START.toNanos();
        String last = "it is starting";
        while (System.nanoTime() - deadline < 0) {
            Optional<PidFile> now = PidFile.read(cluster());
            if (now.isEmpty() || !now.get().isAlive()) {
                return false; // it was on its way out
            }
            if (now.get().port() > 0) {
                rememberPort(now.get().port());
                String answer = ask(login(SUPERUSER, "postgres"));
                if (answer == null) {
                    log.info(
                            "adopted the embedded PostgreSQL that runs already (pid {}, port {})",
                            now.get().pid(),
                            now.get().port());
                    return true;
                }
                last = answer;
            }
            Thread.sleep(POLL_MILLIS * 5);
        }
        throw DatabaseException.fatal("a PostgreSQL runs in " + cluster() + " (pid " + file.pid()
                + "), but cannot be used after " + START.toSeconds() + " s: " + last);
    }

    /// After a kill the children of the old server may be there for some moments more, and PostgreSQL waits for
    /// their end.
    private void launchPatiently(ServerAccount account, PostgresBinaries binaries)
            throws IOException, DatabaseException, InterruptedException {
        long deadline = System.nanoTime() + (crashed() ? AFTER_KILL.toNanos() : 0);
        while (true) {
            try {
                launch(account, binaries);
                return;
            } catch (DatabaseException e) {
                if (System.nanoTime() - deadline >= 0) {
                    throw e;
                }
            }
            Thread.sleep(POLL_MILLIS * 10);
        }
    }

    /// A start that is interrupted or fails half-way leaves no server behind. What is asked of pg_ctl here does not
    /// wait for the server's end.
    private void stopUnfinished(ServerAccount account, PostgresBinaries binaries) {
        boolean interrupted = Thread.interrupted();
        try {
            long deadline = System.nanoTime() + UNFINISHED.toNanos();
            while (!isRunning() && System.nanoTime() - deadline < 0) { // it may be about to write its pid file
                Thread.sleep(POLL_MILLIS);
            }
            if (isRunning()) {
                run(
                        account.command(
                                binaries.program("pg_ctl"),
                                "stop",
                                "-W",
                                "-m",
                                "fast",
                                "-D",
                                cluster().toString()),
                        UNFINISHED);
                while (isRunning() && System.nanoTime() - deadline < UNFINISHED.toNanos()) {
                    Thread.sleep(POLL_MILLIS);
                }
            }
        } catch (IOException | DatabaseException e) {
            log.warn("the embedded PostgreSQL, whose start was given up, could not be stopped: {}", e.getMessage());
        } catch (InterruptedException e) {
            interrupted = true;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void launch(ServerAccount account, PostgresBinaries binaries)
            throws IOException, DatabaseException, InterruptedException {
        int port = choosePort();
        Files.createDirectories(folder.resolve("log"));
        writePrivately(cluster().resolve("metdc.conf"), settings(port));
        account.own(folder, true);
        Path startLog = folder.resolve("log").resolve("start.log");
        Files.deleteIfExists(startLog);
        // pg_ctl gives it a session of its own: Ctrl-C in our terminal does not reach it while we drain into it.
        Output output = run(
                account.command(
                        binaries.program("pg_ctl"),
                        "start",
                        "-W",
                        "-D",
                        cluster().toString(),
                        "-l",
                        startLog.toString()),
                INITDB);
        if (output.exit() != 0) {
            throw DatabaseException.fatal("the embedded PostgreSQL did not start (as " + account.name() + "): "
                    + output.lastLine() + "; its log is in " + folder.resolve("log"));
        }
        long started = System.nanoTime();
        long deadline = started + START.toNanos();
        boolean seen = false;
        String last = "no answer";
        while (System.nanoTime() - deadline < 0) {
            boolean alive = isRunning();
            seen |= alive;
            if (alive) {
                String answer = ask(login(SUPERUSER, "postgres"));
                if (answer == null) {
                    log.info(
                            "the embedded PostgreSQL runs on port {} as {}, files in {}", port, account.name(), folder);
                    return;
                }
                last = answer;
            } else if (seen || refused(startLog) || System.nanoTime() - started > NO_PID_FILE.toNanos()) {
                throw DatabaseException.fatal("the embedded PostgreSQL ended while it was starting: "
                        + lastLines(startLog) + "; its log is in " + folder.resolve("log"));
            }
            Thread.sleep(POLL_MILLIS);
        }
        throw DatabaseException.fatal("the embedded PostgreSQL did not answer within " + START.toSeconds()
                + " s of its start (" + last + "); its log is in " + folder.resolve("log"));
    }

    /// @return null when it is the server of our cluster and takes our password, otherwise what is wrong
    private @Nullable String ask(DatabaseAddress address) {
        try (Connection connection = connect(address);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SHOW data_directory")) {
            row.next();
            Path theirs = Path.of(row.getString(1));
            return theirs.equals(cluster()) || Files.isSameFile(theirs, cluster())
                    ? null
                    : "port " + address.place() + " answers for " + theirs;
        } catch (SQLException | IOException e) {
            return Trouble.oneLine(e);
        }
    }

    private static Connection connect(DatabaseAddress address) throws SQLException {
        Properties properties = new Properties();
        PGProperty.USER.set(properties, address.user());
        PGProperty.PASSWORD.set(properties, address.password());
        PGProperty.CONNECT_TIMEOUT.set(properties, 5);
        PGProperty.SOCKET_TIMEOUT.set(properties, 30);
        PGProperty.APPLICATION_NAME.set(properties, "metdc");
        Connection connection = new Driver().connect(address.jdbcUrl(), properties);
        if (connection == null) {
            throw new SQLException("not a PostgreSQL URL: " + address.jdbcUrl(), "08001");
        }
        return connection;
    }

    private void makeRoles() throws DatabaseException {
        DatabaseAddress address = login(SUPERUSER, "postgres");
        try (Connection connection = connect(address);
                Statement statement = connection.createStatement()) {
            for (String role : List.of(OWNER, READER)) {
                if (!exists(statement, "SELECT 1 FROM pg_roles WHERE rolname = '" + role + "'")) {
                    // Letters, digits, - and _ only: nothing in it needs quoting.
                    String password = Files.readString(passwordFile(role)).strip();
                    statement.execute("CREATE ROLE " + role + " LOGIN PASSWORD '" + password + "'");
                }
            }
            if (!exists(
                    statement,
                    "SELECT 1 FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole WHERE r.rolname = '"
                            + READER + "'")) {
                statement.execute("ALTER ROLE " + READER + " SET default_transaction_read_only = on");
            }
            if (!exists(statement, "SELECT 1 FROM pg_database WHERE datname = '" + DATABASE + "'")) {
                statement.execute("CREATE DATABASE " + DATABASE + " OWNER " + OWNER);
                statement.execute("REVOKE ALL ON DATABASE " + DATABASE + " FROM PUBLIC");
                statement.execute("GRANT CONNECT ON DATABASE " + DATABASE + " TO " + READER);
            }
        } catch (SQLException e) {
            throw Trouble.explained(address, e);
        } catch (IOException e) {
            throw DatabaseException.fatal(
                    "a password file of the embedded PostgreSQL cannot be read: " + Trouble.oneLine(e), e);
        }
    }

    private static boolean exists(Statement statement, String query) throws SQLException {
        try (ResultSet row = statement.executeQuery(query)) {
            return row.next();
        }
    }

    // ---- its port and its settings

    private int choosePort() throws IOException {
        Path file = folder.resolve("port");
        if (Files.exists(file)) {
            try {
                int port = Integer.parseInt(Files.readString(file).strip());
                if (isFree(port)) {
                    return port;
                }
                log.warn(
                        "port {} of the embedded PostgreSQL is taken by another program: it moves to another port",
                        port);
            } catch (NumberFormatException _) {
                log.warn("{} holds no port number: choosing another port", file);
            }
        }
        SecureRandom random = new SecureRandom();
        for (int attempt = 0; attempt < 100; attempt++) {
            int port = FIRST_PORT + random.nextInt(PORTS);
            if (isFree(port)) {
                rememberPort(port);
                return port;
            }
        }
        throw new IOException("no free port found between " + FIRST_PORT + " and " + (FIRST_PORT + PORTS));
    }

    private void rememberPort(int port) throws IOException {
        writePrivately(folder.resolve("port"), Integer.toString(port));
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    /// Durable, on loopback, and in size for a machine that other things run on too. `wal_compression = lz4`
    /// would help, but the binaries are built without it. Just-in-time compilation costs more than it gains on
    /// queries over short stretches.
    private String settings(int port) {
        return """
                # Written by metdc at each start. Your own settings go into local.conf beside this file.
                listen_addresses = '127.0.0.1'
                port = %d
                unix_socket_directories = ''
                max_connections = 50
                password_encryption = 'scram-sha-256'
                fsync = on
                synchronous_commit = on
                full_page_writes = on
                shared_buffers = 256MB
                max_wal_size = 2GB
                checkpoint_timeout = 15min
                jit = off
                timezone = 'UTC'
                logging_collector = on
                log_directory = '%s'
                log_filename = 'postgresql-%%a.log'
                log_truncate_on_rotation = on
                log_rotation_age = 1d
                log_rotation_size = 0
                log_timezone = 'UTC'
                log_min_error_statement = panic
                """.formatted(port, folder.resolve("log").toString().replace("'", "''"));
    }

    // ---- other programs

    private record Output(int exit, String text) {
        String lastLine() {
            return text.isBlank() ? "exit code " + exit : text.strip().lines().reduce("", (_, line) -> line);
        }
    }

    private Output run(List<String> command, Duration within)
            throws IOException, DatabaseException, InterruptedException {
        Path output =
                Files.createTempFile(folder, "output-", ".txt"); // a pipe would stay open as long as the server runs
        try {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectOutput(output.toFile());
            builder.environment().keySet().removeIf(name -> name.startsWith("PG") || name.startsWith("LC_"));
            builder.environment().put("LC_ALL", "C");
            builder.environment().put("TZ", "UTC");
            Process process = builder.start();
            try {
                if (!process.waitFor(within.toMillis(), TimeUnit.MILLISECONDS)) {
                    throw DatabaseException.fatal(
                            "the embedded PostgreSQL: " + command + " did not end within " + within.toSeconds() + " s");
                }
                return new Output(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
            } finally {
                process.destroyForcibly();
            }
        } finally {
            Files.deleteIfExists(output);
        }
    }

    /// Whether the server wrote its last word before it had a log of its own.
    private static boolean refused(Path startLog) throws IOException {
        return Files.exists(startLog) && Files.readString(startLog).contains("FATAL:");
    }

    private static String lastLines(Path file) throws IOException {
        if (!Files.exists(file)) {
            return "without a word";
        }
        List<String> lines = Files.readAllLines(file);
        return String.join(" | ", lines.subList(Math.max(0, lines.size() - 3), lines.size()));
    }

    /// `postmaster.pid`, one value a line. Source: PostgreSQL's src/include/utils/pidfile.h.
    ///
    /// @param port 0 while it is not known yet
    private record PidFile(long pid, int port) {
        static Path in(Path cluster) {
            return cluster.resolve("postmaster.pid");
        }

        static Optional<PidFile> read(Path cluster) {
            try {
                List<String> lines = Files.readAllLines(in(cluster));
                if (lines.isEmpty()) {
                    return Optional.empty();
                }
                int port = lines.size() > 3 && !lines.get(3).isBlank()
                        ? Integer.parseInt(lines.get(3).strip())
                        : 0;
                return Optional.of(
                        new PidFile(Math.abs(Long.parseLong(lines.getFirst().strip())), port));
            } catch (IOException | NumberFormatException _) { // not there, or being written
                return Optional.empty();
            }
        }

        boolean isAlive() {
            return "postgres".equals(program()) && !isZombie();
        }

        boolean isTakenByAnotherProgram() {
            String program = program();
            return program != null && !program.equals("postgres");
        }

        private @Nullable String program() {
            try {
                return Files.readString(Path.of("/proc", Long.toString(pid), "comm"))
                        .strip();
            } catch (IOException _) {
                return null;
            }
        }

        private boolean isZombie() {
            try {
                String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
                return stat.startsWith("Z", stat.lastIndexOf(')') + 2);
            } catch (IOException _) {
                return true;
            }
        }
    }
}
