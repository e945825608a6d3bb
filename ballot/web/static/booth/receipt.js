/** Showing a receipt that was verified: its words, its files, its picture. What is *not* done here: verifying it. */

import { fillGroups, fill, offer, point } from "./page.js";
import { exactWallTime } from "./times.js";

/** Fill every place that speaks of the receipt. `receiptText` is as handed out, and is what is downloaded;
 * `entry` says where this election's receipts are. */
export function fillReceipt(receipt, receiptText, entry) {
  const address = `${entry.receipts}${hexOf(receipt.tracking_number)}`;
  fill({ "receipt-time": exactWallTime(receipt.time), "receipt-height": String(receipt.height), "receipt-head": receipt.chain_head });
  fillGroups("receipt", receipt.tracking_number);
  offer("receipt", `receipt-${receipt.ccg}-${receipt.height}.json`, receiptText);
  point({
    "receipt-pdf": `${address}.pdf`,
    "receipt-qr": `${address}.svg`,
    "receipt-check": `${entry.board}?number=${encodeURIComponent(receipt.tracking_number)}`,
  });
}

/** A tracking number, which is Base64, in hexadecimal: as it stands in addresses. */
export function hexOf(trackingNumber) {
  return [...atob(trackingNumber)].map((c) => c.charCodeAt(0).toString(16).padStart(2, "0")).join("");
}
