package io.metdc.benchmarks;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// What Linux says about a process, in /proc.
record LinuxProcess(long pid) {
    private static final double TICKS_PER_SECOND = 100; // USER_HZ, the same on all usual machines
    private static final Path PROC = Path.of("/proc");

    // Fields of /proc/PID/stat, counted behind the program's name.
    private static final int PARENT = 1;
    private static final int USER_TICKS = 11;
    private static final int SYSTEM_TICKS = 12;
    private static final int ENDED_CHILDREN_USER_TICKS = 13;
    private static final int ENDED_CHILDREN_SYSTEM_TICKS = 14;

    /// Processor time of this process alone, in steps of 10 ms.
    double cpuSeconds() throws IOException {
        String[] stat = stat(pid);
        return seconds(stat, USER_TICKS) + seconds(stat, SYSTEM_TICKS);
    }

    /// Processor time of this process and of its children, ended ones included.
    double cpuSecondsWithChildren() throws IOException {
        String[] own = stat(pid);
        double sum = seconds(own, USER_TICKS)
                + seconds(own, SYSTEM_TICKS)
                + seconds(own, ENDED_CHILDREN_USER_TICKS)
                + seconds(own, ENDED_CHILDREN_SYSTEM_TICKS);
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[1-9]*")) {
            for (Path process : processes) {
                try {
                    String[] stat = stat(Long.parseLong(process.getFileName().toString()));
                    if (Long.parseLong(stat[PARENT]) == pid) {
                        sum += seconds(stat, USER_TICKS) + seconds(stat, SYSTEM_TICKS);
                    }
                } catch (NoSuchFileException _) {
                    // it has ended meanwhile
                }
            }
        }
        return sum;
    }

    /// The resident memory now, in bytes.
    long residentBytes() throws IOException {
        return status("VmRSS:") * 1024;
    }

    /// The most resident memory that it ever had, in bytes.
    long peakBytes() throws IOException {
        return status("VmHWM:") * 1024;
    }

    long threads() throws IOException {
        return status("Threads:");
    }

    private static String[] stat(long pid) throws IOException {
        String stat = Files.readString(PROC.resolve(pid + "/stat"));
        return stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    }

    private static double seconds(String[] stat, int field) {
        return Long.parseLong(stat[field]) / TICKS_PER_SECOND;
    }

    private long status(String key) throws IOException {
        for (String line : Files.readAllLines(PROC.resolve(pid + "/status"))) {
            if (line.startsWith(key)) {
                return Long.parseLong(
                        line.substring(key.length()).replace("kB", "").strip());
            }
        }
        throw new IOException("process " + pid + " has no " + key);
    }
}
