"""The engines that LUXE brings along: each module starts one real server from its wheel on a data folder."""
