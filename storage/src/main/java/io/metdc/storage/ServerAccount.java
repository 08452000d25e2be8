package io.metdc.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// As whom the embedded server runs. PostgreSQL refuses to run as root, so where we are root it runs in a user
/// namespace of its own, in which it is nobody, or else as the user `nobody`.
///
/// @param prefix what stands before each of its commands
/// @param uid    whom its files must belong to; -1: they belong to us anyway
record ServerAccount(String name, List<String> prefix, int uid) {
    private static final int NOBODY = 65534;

    /// What this machine allows. A test replaces it to be root without namespaces.
    interface Machine {
        boolean root();

        /// Whether this command, which does nothing, ends well.
        boolean works(List<String> command);

        Machine REAL = new Machine() {
            @Override
            public boolean root() {
                try {
                    return Files.getAttribute(Path.of("/proc/self"), "unix:uid") instanceof Integer uid && uid == 0;
                } catch (IOException | UnsupportedOperationException _) {
                    return "root".equals(System.getProperty("user.name"));
                }
            }

            @Override
            public boolean works(List<String> command) {
                return succeeds(command);
            }
        };
    }

    /// @param folder the server's folder, which it must be able to reach
    static ServerAccount choose(Machine machine, Path folder) throws DatabaseException {
        if (!machine.root()) {
            return new ServerAccount("this user", List.of(), -1);
        }
        List<String> namespace = List.of("unshare", "-U");
        if (machine.works(with(namespace, "sh", "-c", "test \"$(id -u)\" != 0"))) {
            return new ServerAccount("a user namespace", namespace, 0);
        }
        for (List<String> prefix : List.of(
                List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"),
                List.of("runuser", "-u", "nobody", "--"))) {
            if (machine.works(with(prefix, "true"))) {
                Path parent = folder.toAbsolutePath().getParent();
                if (parent == null || !machine.works(with(prefix, "test", "-x", parent.toString()))) {
                    throw DatabaseException.fatal(
                            "PostgreSQL does not run as root, and user nobody cannot reach " + folder
                                    + ": make its parent folders accessible (chmod o+x), run metdc as another user,"
                                    + " or point storage.url to a server");
                }
                return new ServerAccount("user nobody", prefix, NOBODY);
            }
        }
        throw DatabaseException.fatal(
                "PostgreSQL does not run as root, and this machine allows neither user namespaces nor"
                        + " running as user nobody: run metdc as another user, or point storage.url to a server");
    }

    List<String> command(Path program, String... arguments) {
        List<String> command = new ArrayList<>(prefix);
        command.add(program.toString());
        command.addAll(List.of(arguments));
        return command;
    }

    /// Makes the folder and what is in it belong to whom the server runs as, where we may.
    ///
    /// @param fresh something was put there just now
    void own(Path folder, boolean fresh) throws IOException {
        if (uid < 0 || (!fresh && uid == (int) Files.getAttribute(folder, "unix:uid"))) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.toList()) {
                Files.setAttribute(file, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
                Files.setAttribute(file, "unix:gid", uid, LinkOption.NOFOLLOW_LINKS);
            }
        }
    }

    private static List<String> with(List<String> prefix, String... command) {
        List<String> whole = new ArrayList<>(prefix);
        whole.addAll(List.of(command));
        return whole;
    }

    private static boolean succeeds(List<String> command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return false;
            }
            return process.exitValue() == 0;
        } catch (IOException _) { // no such program
            return false;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
