/** Debian's Chromium, driven by playwright-core. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { type Browser, chromium } from 'playwright-core'

/** The page's first choice of fonts comes along, so that screenshots look as they should. */
const PACKAGES = 'chromium fonts-inter fonts-sil-charis'

/** Two test files may come here at the same time; apt itself does not wait. */
const INSTALL = `flock /tmp/edge-bert-chromium.lock sh -c '
  command -v chromium || { apt-get update && apt-get install -y --no-install-recommends ${PACKAGES}; }'`

/** Installs Chromium through apt where it is absent; that takes about a minute. */
export async function launchChromium(): Promise<Browser> {
  await promisify(execFile)('sh', ['-c', INSTALL], { maxBuffer: 1 << 24 })
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
}
