package io.metdc.listings.watch;

import java.net.URI;

/// The address of a list of notices as configured, without a query, and the addresses that are made of it.
record NoticeUrl(URI list) {
    NoticeUrl {
        boolean isHttp = "https".equals(list.getScheme()) || "http".equals(list.getScheme());
        if (!isHttp || list.getHost() == null || list.getRawQuery() != null || list.getRawFragment() != null) {
            throw new IllegalArgumentException("no address of a list of notices: " + list);
        }
    }

    /// The host, with its port where one is written.
    String host() {
        return host(list);
    }

    /// The host of an address, with its port where one is written.
    static String host(URI address) {
        return address.getHost() + (address.getPort() < 0 ? "" : ":" + address.getPort());
    }

    /// A page of the list.
    URI page(int number) {
        return with(path(), "os=web&page=" + number + "&per_page=20&category=trade");
    }

    /// One notice with its body.
    URI detail(String key) {
        return with(path() + "/" + key, "os=web");
    }

    private String path() {
        return list.getRawPath().replaceAll("/+$", "");
    }

    private URI with(String path, String query) {
        return URI.create(list.getScheme() + "://" + list.getRawAuthority() + path + "?" + query);
    }
}
