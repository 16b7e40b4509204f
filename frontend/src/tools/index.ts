/** All tools, in the order of their buttons and cards. */

import { beam } from "./beam";
import type { Tool } from "./tool";

export const TOOLS: readonly Tool[] = [beam];
