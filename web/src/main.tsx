/** Where the page begins: mounts the application. */
import { createRoot } from 'react-dom/client';
import './ui/tokens.css';
import './ui/base.css';

const host = document.getElementById('app');
if (host) createRoot(host).render(null);
