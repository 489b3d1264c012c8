//! `cargo xtask sites`: the sample sites, to look at or to point a job at.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context, Result};
use clap::Args;
use sample_sites::Site;

#[derive(Args)]
#[command(after_help = "Examples:\n  \
cargo xtask sites\n  \
cargo xtask sites --site shop --break                 lists what can be broken\n  \
cargo xtask sites --site shop --break wrong-total")]
pub struct SitesArgs {
    /// Serve only this site [dashboard, shop, form]
    #[arg(long)]
    site: Option<Site>,
    /// Break one feature of it; without a name, the breaks are listed
    #[arg(long = "break", value_name = "NAME", requires = "site", num_args = 0..=1, default_missing_value = "")]
    broken: Option<String>,
    /// First port; the sites take consecutive ones
    #[arg(long, default_value_t = 4101)]
    port: u16,
}

pub fn list_breaks(site: Site) {
    for fault in site.breaks() {
        println!("{:<28} {}", fault.name, fault.what);
    }
}

pub async fn run(args: SitesArgs) -> Result<()> {
    if let (Some(site), Some("")) = (args.site, args.broken.as_deref()) {
        list_breaks(site);
        return Ok(());
    }
    let sites = args
        .site
        .map_or_else(|| Site::ALL.to_vec(), |site| vec![site]);
    let mut running = Vec::new();
    for (offset, site) in sites.into_iter().enumerate() {
        let port = args.port + u16::try_from(offset)?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let served = sample_sites::start(site, address, args.broken.as_deref())
            .await
            .with_context(|| format!("{site} could not be served on port {port}; try --port"))?;
        println!("{site:<10} {}", served.url());
        running.push(served);
    }
    println!("Ctrl-C stops them");
    tokio::signal::ctrl_c().await?;
    Ok(())
}
